using System.Text;

namespace Headroom.Reports.Tests.Csv;

/// <summary>Reads RFC 4180 as strictly as it is written: any other line end, and text after a closing quote, is a failure.</summary>
internal static class CsvRows
{
    public static List<Dictionary<string, string>> Read(string csv)
    {
        var lines = new List<List<string>>();
        var cells = new List<string>();
        var at = 0;
        while (at < csv.Length)
        {
            cells.Add(Cell(csv, ref at));
            if (at < csv.Length && csv[at] == ',')
            {
                at++;
                continue;
            }

            Assert.Equal("\r\n", csv.Substring(at, 2));
            at += 2;
            lines.Add(cells);
            cells = [];
        }

        Assert.All(lines, line => Assert.Equal(lines[0].Count, line.Count));
        return [.. lines.Skip(1).Select(line => lines[0].Zip(line).ToDictionary(pair => pair.First, pair => pair.Second))];
    }

    private static string Cell(string csv, ref int at)
    {
        var cell = new StringBuilder();
        if (csv[at] != '"')
        {
            while (csv[at] is not (',' or '\r'))
            {
                Assert.NotEqual('"', csv[at]);
                cell.Append(csv[at++]);
            }

            return cell.ToString();
        }

        for (at++; csv[at] != '"' || csv[at + 1] == '"'; at++)
        {
            if (csv[at] == '"')
                at++;
            cell.Append(csv[at]);
        }

        at++;
        return cell.ToString();
    }
}
