namespace Headroom.Telemetry.Tests.Prometheus;

/// <summary>Tag values as a hostile client would choose them, each with what a scraper must read.</summary>
internal static class HostileTags
{
    public static readonly (string Given, string Read)[] Values = [.. Same(), ("lone \uD800 surrogate", "lone \uFFFD surrogate")];

    static IEnumerable<(string Given, string Read)> Same() =>
        new[]
        {
            "plain",
            "quote\"quote",
            "back\\slash",
            "ends with \\",
            "\\\"",
            "\\n is no newline",
            "new\nline",
            "carriage\rreturn\r\n",
            "tab\tand\vand\fand\bell\a",
            "nul\0inside",
            "escape \u001b[31m",
            "del\u007f nel\u0085 ls\u2028 bom\uFEFF",
            "} 1\nfake_total{a=\"b",
            "# HELP fake",
            "{}=,",
            "Übergröße İı",
            "日本語",
            "emoji \U0001F600\U0001F9D1‍\U0001F4BB",
            "rtl \u202Eabc",
            " spaces ",
            new string('x', 1_000),
        }.Select(value => (value, value));
}
