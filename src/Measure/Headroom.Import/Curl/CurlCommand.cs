namespace Headroom.Import.Curl;

/// <summary>A curl command line in words, with the line it begins on. Words hold variables of the shell as <see cref="ShellWords"/> marks them.</summary>
/// <param name="Line">From 1.</param>
/// <param name="Words">Without <c>curl</c> itself.</param>
internal sealed record CurlCommand(int Line, IReadOnlyList<string> Words)
{
    /// <summary>What it reads from standard input, where a here-document of the script says so.</summary>
    public HereDocument? Input { get; init; }

    /// <summary>What the shell puts in and a plan cannot, as it is written: <c>$(date)</c>, <c>$1</c>.</summary>
    public IReadOnlyList<string> Expansions { get; init; } = [];
}

/// <summary>Lines behind a command that it reads (IEEE 1003.1 §2.7.4).</summary>
/// <param name="End">The line behind the last one.</param>
/// <param name="IsLiteral">The end was quoted: no variables in it.</param>
/// <param name="IsIndented">Tabs before a line do not count.</param>
internal sealed record HereDocument(string End, bool IsLiteral, bool IsIndented)
{
    public string Text { get; set; } = "";

    /// <summary>As of the command.</summary>
    public IReadOnlyList<string> Expansions { get; set; } = [];
}
