using System.Text;

namespace Headroom.Load.Tests.Plans;

public sealed class FeederReaderTests
{
    [Fact]
    public void Read_Csv_QuotedFieldsAndLineBreaksAreRead()
    {
        using var folder = new TemporaryFolder();
        folder.Write("users.csv", "\ufeffemail, full name ,note\r\na@x.org,\"A, \"\"B\"\"\",\"two\nlines\"\r\n\r\nb@x.org,ä,\r\n");
        var feeder = ReadOne("{ file: users.csv }", folder.Path, "email");
        Assert.Equal(["email", "full name", "note"], feeder.Columns);
        Assert.Equal([["a@x.org", "A, \"B\"", "two\nlines"], ["b@x.org", "ä", ""]], feeder.Rows);
        Assert.Equal((FeederOrder.Sequential, FeederEnd.Recycle), (feeder.Order, feeder.AtEnd));
    }

    [Theory]
    [InlineData("';'", "a;b\n1;2\n")]
    [InlineData("tab", "a\tb\n1\t2\n")]
    public void Read_CsvWithDelimiter_IsSplitThere(string delimiter, string text)
    {
        using var folder = new TemporaryFolder();
        folder.Write("u.csv", text);
        Assert.Equal([["1", "2"]], ReadOne($"{{ file: u.csv, delimiter: {delimiter} }}", folder.Path, "a").Rows);
    }

    [Fact]
    public void Read_Json_TextIsUnquotedAndTheRestIsJson()
    {
        using var folder = new TemporaryFolder();
        folder.Write("users.json", """[ { "a": "x\n", "b": 1.50 }, { "b": [ true ], "a": null } ]""");
        var feeder = ReadOne("{ file: users.json, order: unique, atEnd: stop }", folder.Path, "a");
        Assert.Equal([["x\n", "1.50"], ["null", "[ true ]"]], feeder.Rows);
        Assert.Equal((FeederOrder.UniquePerVu, FeederEnd.Stop), (feeder.Order, feeder.AtEnd));
    }

    [Fact]
    public void Read_Rows_StandInThePlan()
    {
        var feeder = ReadOne("{ order: random, rows: [ { id: 1, name: x }, { name: y, id: 2 } ] }", ".", "id");
        Assert.Equal(["id", "name"], feeder.Columns);
        Assert.Equal([["1", "x"], ["2", "y"]], feeder.Rows);
        Assert.Equal(FeederOrder.Random, feeder.Order);
    }

    [Theory]
    [InlineData("", "feeder file 'u.csv' is empty")]
    [InlineData("a,b\n", "feeder file 'u.csv' has no rows under its header row")]
    [InlineData("a,b\n1,2\n3\n", "u.csv:3: the row has 1 fields; the header row has 2")]
    [InlineData("a,b\n1,2,3\n", "u.csv:2: the row has 3 fields")]
    [InlineData("a,a\n1,2\n", "u.csv:1: 2 columns are called 'a'")]
    [InlineData("a,\n1,2\n", "u.csv:1: a column is called ''")]
    [InlineData("a,b}\n1,2\n", "u.csv:1: a column is called 'b}'")]
    public void Read_CsvThatIsNoTable_NamesTheLine(string text, string expected)
    {
        using var folder = new TemporaryFolder();
        folder.Write("u.csv", text);
        PlanText.HasOneMistake("requests: [/a]\nfeeders:\n  u: { file: u.csv }", 3, expected, folder.Path);
    }

    [Fact]
    public void Read_CsvThatIsNotUtf8_IsRefused()
    {
        using var folder = new TemporaryFolder();
        folder.Write("u.csv", Encoding.Latin1.GetBytes("a,b\n1,ä\n"));
        PlanText.HasOneMistake("requests: [/a]\nfeeders:\n  u: { file: u.csv }", 3, "not UTF-8", folder.Path);
    }

    [Theory]
    [InlineData("{}", "must be an array of objects")]
    [InlineData("[]", "has no rows")]
    [InlineData("[ 1 ]", "row 1 is not an object")]
    [InlineData("[ { \"a\": 1 }, { \"b\": 1 } ]", "row 2 has members b; the first has a")]
    [InlineData("[\n{", "u.json:2: not valid JSON")]
    public void Read_JsonThatIsNoTable_SaysWhy(string text, string expected)
    {
        using var folder = new TemporaryFolder();
        folder.Write("u.json", text);
        PlanText.HasOneMistake("requests: [/a]\nfeeders:\n  u: { file: u.json }", 3, expected, folder.Path);
    }

    [Theory]
    [InlineData("{ }", "has neither 'file' nor 'rows'")]
    [InlineData("{ rows: [ { a: 1 } ], file: u.csv }", "'file' and 'rows' are both given")]
    [InlineData("{ file: no-such.csv }", "feeder file 'no-such.csv' cannot be read")]
    [InlineData("{ rows: [] }", "'rows' is empty")]
    [InlineData("{ rows: [ { a: 1 }, { b: 1 } ] }", "the row has columns b; the first row has a")]
    [InlineData("{ rows: [ { a: 1 } ], order: shuffled }", "'order' is 'shuffled'; allowed: sequential, random, unique")]
    [InlineData("{ rows: [ { a: 1 } ], order: random, atEnd: stop }", "'atEnd' does not go with 'order: random'")]
    [InlineData("{ rows: [ { a: 1 } ], delimiter: ';' }", "'delimiter' goes with a CSV file")]
    public void Read_Mistake_IsToldWhereItStands(string feeder, string expected) =>
        PlanText.HasOneMistake($"requests: [/a]\nfeeders:\n  u: {feeder}", 3, expected);

    private static Feeder ReadOne(string feeder, string folder, string column)
    {
        var plan = PlanText.Read($"feeders:\n  u: {feeder}\nrequests: [ '/x?e=${{u.{column}}}' ]", folder);
        Assert.Empty(plan.Validate());
        return Assert.Single(plan.Feeders);
    }
}
