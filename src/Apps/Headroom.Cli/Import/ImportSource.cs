using System.Text;
using Headroom.Cli.CommandLine;
using Headroom.Import;

namespace Headroom.Cli.Import;

/// <summary>The file that is imported, or standard input.</summary>
internal sealed class ImportSource(string path)
{
    private bool IsStandardInput => path == "-";

    /// <summary>Its name in messages.</summary>
    public string Name => IsStandardInput ? "standard input" : path;

    /// <summary>What the plan is called after, made of letters, digits, dots and hyphens.</summary>
    public string Stem
    {
        get
        {
            var name = IsStandardInput ? "imported" : Path.GetFileNameWithoutExtension(path);
            var plain = string.Concat(name.Select(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '-' or '_' ? letter : '-')).Trim('-', '.');
            return plain.Length == 0 ? "imported" : plain;
        }
    }

    /// <summary>When it was written last; of standard input, now.</summary>
    public DateTimeOffset WrittenAt => IsStandardInput ? TimeProvider.System.GetUtcNow() : new DateTimeOffset(new FileInfo(path).LastWriteTimeUtc);

    public string Text()
    {
        if (IsStandardInput)
            return Console.In.ReadToEnd();
        Check();
        if (new FileInfo(path).Length > PlanImport.BytesMax)
            throw new UsageException($"'{path}' has {new FileInfo(path).Length} bytes; read are at most {PlanImport.BytesMax}");
        return File.ReadAllText(path, Encoding.UTF8);
    }

    /// <summary>Line by line: a log may be larger than memory.</summary>
    public IEnumerable<string> Lines()
    {
        if (!IsStandardInput)
        {
            Check();
            return File.ReadLines(path, Encoding.UTF8);
        }

        return StandardInput();
    }

    private static IEnumerable<string> StandardInput()
    {
        while (Console.In.ReadLine() is { } line)
            yield return line;
    }

    private void Check()
    {
        if (Directory.Exists(path))
            throw new UsageException($"'{path}' is a folder; write a file");
        if (!File.Exists(path))
            throw new UsageException($"there is no file '{path}'");
    }
}
