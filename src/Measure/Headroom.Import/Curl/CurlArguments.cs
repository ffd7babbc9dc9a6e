namespace Headroom.Import.Curl;

/// <summary>Which of curl's options take a value (curl 8's manual), so that a value is not taken for an address.</summary>
internal static class CurlArguments
{
    /// <summary>Letters of short options with a value, and the long name that each stands for.</summary>
    private static readonly Dictionary<char, string> ShortWithValue = new()
    {
        ['A'] = "user-agent", ['b'] = "cookie", ['c'] = "cookie-jar", ['C'] = "continue-at", ['d'] = "data", ['D'] = "dump-header", ['e'] = "referer", ['E'] = "cert", ['F'] = "form", ['H'] = "header",
        ['K'] = "config", ['m'] = "max-time", ['o'] = "output", ['P'] = "ftp-port", ['Q'] = "quote", ['r'] = "range", ['t'] = "telnet-option", ['T'] = "upload-file", ['u'] = "user", ['U'] = "proxy-user",
        ['w'] = "write-out", ['x'] = "proxy", ['X'] = "request", ['y'] = "speed-time", ['Y'] = "speed-limit", ['z'] = "time-cond",
    };

    private static readonly Dictionary<char, string> ShortFlags = new()
    {
        ['G'] = "get", ['I'] = "head", ['k'] = "insecure", ['L'] = "location", ['0'] = "http1.0", ['s'] = "silent", ['S'] = "show-error", ['v'] = "verbose", ['i'] = "include", ['f'] = "fail", ['g'] = "globoff",
        ['N'] = "no-buffer", ['j'] = "junk-session-cookies", ['O'] = "remote-name", ['J'] = "remote-header-name", ['#'] = "progress-bar", ['4'] = "ipv4", ['6'] = "ipv6", ['q'] = "disable", ['Z'] = "parallel",
        ['n'] = "netrc", ['a'] = "append", ['l'] = "list-only", ['p'] = "proxytunnel", ['R'] = "remote-time", ['1'] = "tlsv1", ['2'] = "sslv2", ['3'] = "sslv3", [':'] = "next",
    };

    private static readonly HashSet<string> LongWithValue = new(StringComparer.Ordinal)
    {
        "cacert", "capath", "ciphers", "connect-timeout", "connect-to", "create-file-mode", "curves", "data-ascii", "data-binary", "data-raw", "data-urlencode", "dns-servers", "doh-url", "expand-data", "expand-url",
        "expect100-timeout", "form-string", "happy-eyeballs-timeout-ms", "hostpubmd5", "interface", "ipfs-gateway", "json", "keepalive-time", "key", "key-type", "cert-type", "limit-rate", "local-port", "max-filesize",
        "max-redirs", "noproxy", "oauth2-bearer", "output-dir", "parallel-max", "pass", "pinnedpubkey", "preproxy", "proto", "proto-default", "proto-redir", "proxy-cacert", "proxy-cert", "proxy-header", "proxy-key",
        "random-file", "rate", "request-target", "resolve", "retry", "retry-delay", "retry-max-time", "socks4", "socks4a", "socks5", "socks5-hostname", "stderr", "tls-max", "tls13-ciphers", "trace", "trace-ascii",
        "unix-socket", "url", "url-query", "variable", "aws-sigv4", "abstract-unix-socket", "alt-svc", "hsts", "crlfile", "egd-file", "engine", "etag-compare", "etag-save", "haproxy-clientip", "krb", "login-options",
    };

    /// <summary>Options that change nothing of what a server gets.</summary>
    public static bool IsWithoutEffect(string name) => name is "silent" or "show-error" or "verbose" or "include" or "fail" or "fail-with-body" or "fail-early" or "globoff" or "no-buffer" or "output" or "remote-name"
        or "remote-header-name" or "progress-bar" or "write-out" or "dump-header" or "ipv4" or "ipv6" or "disable" or "parallel" or "stderr" or "trace" or "trace-ascii" or "styled-output" or "no-progress-meter"
        or "keepalive-time" or "no-keepalive" or "cookie-jar" or "junk-session-cookies" or "output-dir" or "create-dirs" or "remove-on-error" or "max-redirs" or "no-sessionid" or "tcp-nodelay" or "path-as-is" or "tlsv1.2" or "tlsv1.3" or "http1.1";

    /// <summary>Options and addresses in their order: the long name and its value; an address has the name <c>url</c>.</summary>
    public static IEnumerable<(string Name, string Value)> Read(IReadOnlyList<string> words)
    {
        for (var at = 0; at < words.Count; at++)
        {
            var word = words[at];
            if (word.Length < 2 || word[0] != '-' || word == "--")
            {
                if (word.Length > 0 && word != "-" && word != "--")
                    yield return ("url", word);
            }
            else if (word.StartsWith("--", StringComparison.Ordinal))
            {
                var name = word[2..];
                var takesValue = LongWithValue.Contains(name) || ShortWithValue.ContainsValue(name);
                yield return (name, takesValue && at + 1 < words.Count ? words[++at] : "");
            }
            else
            {
                for (var letter = 1; letter < word.Length; letter++)
                {
                    if (ShortWithValue.TryGetValue(word[letter], out var name))
                    {
                        yield return (name, letter + 1 < word.Length ? word[(letter + 1)..] : at + 1 < words.Count ? words[++at] : "");
                        break;
                    }

                    yield return (ShortFlags.GetValueOrDefault(word[letter], word[letter].ToString()), "");
                }
            }
        }
    }
}
