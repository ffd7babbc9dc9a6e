using System.IO.Compression;
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
            var file = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? path[..^3] : path;
            var name = IsStandardInput ? "imported" : Path.GetFileNameWithoutExtension(file);
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
        using var reader = Open();
        return ReadAll(reader);
    }

    /// <summary>Line by line: a log may be larger than memory.</summary>
    public IEnumerable<string> Lines()
    {
        if (IsStandardInput)
            return StandardInput();
        Check();
        return LinesOfFile();
    }

    private IEnumerable<string> LinesOfFile()
    {
        using var reader = Open();
        while (Line(reader) is { } line)
            yield return line;
    }

    private string? Line(StreamReader reader)
    {
        try
        {
            return reader.ReadLine();
        }
        catch (InvalidDataException e)
        {
            throw Broken(e);
        }
    }

    // A small file may hold a large one.
    private string ReadAll(StreamReader reader)
    {
        var text = new StringBuilder();
        var buffer = new char[64 * 1024];
        try
        {
            while (reader.Read(buffer) is > 0 and var count)
            {
                if (text.Append(buffer, 0, count).Length > PlanImport.BytesMax)
                    throw new UsageException($"'{path}' holds more than {PlanImport.BytesMax} bytes; so many are read at most");
            }
        }
        catch (InvalidDataException e)
        {
            throw Broken(e);
        }

        return text.ToString();
    }

    private UsageException Broken(InvalidDataException e) => new($"'{path}' begins like a gzip file and cannot be decompressed: {e.Message}");

    /// <summary>Of a rotated log that was compressed, too: by what it begins with, whatever it is called.</summary>
    private StreamReader Open()
    {
        var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        Span<byte> magic = stackalloc byte[6];
        magic = magic[..file.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false)];
        file.Position = 0;
        var other = magic.StartsWith("BZh"u8) ? "bzip2" : magic.StartsWith((ReadOnlySpan<byte>)[0xfd, (byte)'7', (byte)'z', (byte)'X', (byte)'Z']) ? "xz"
            : magic.StartsWith((ReadOnlySpan<byte>)[0x28, 0xb5, 0x2f, 0xfd]) ? "zstd" : magic.StartsWith("PK\u0003\u0004"u8) ? "zip" : null;
        if (other is not null)
        {
            file.Dispose();
            throw new UsageException($"'{path}' is compressed ({other}); read is gzip. Decompress it first: a pipe does, with - as the file");
        }

        return new StreamReader(magic.StartsWith((ReadOnlySpan<byte>)[0x1f, 0x8b]) ? new GZipStream(file, CompressionMode.Decompress) : file, Encoding.UTF8);
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
