namespace Headroom.Import.Curl;

/// <summary>A curl command line in words, with the line it begins on. Words hold variables of the shell as <see cref="ShellWords"/> marks them.</summary>
/// <param name="Line">From 1.</param>
/// <param name="Words">Without <c>curl</c> itself.</param>
internal sealed record CurlCommand(int Line, IReadOnlyList<string> Words);
