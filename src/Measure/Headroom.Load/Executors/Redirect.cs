using System.Net;
using System.Text;
using Headroom.Load.Flows;
using Headroom.Load.Responses;
using Headroom.Load.Target;
using Headroom.Load.Wire;

namespace Headroom.Load.Executors;

/// <summary>Where a redirect leads (RFC 9110 §15.4).</summary>
internal static class Redirect
{
    private static readonly string[] BodyHeaders = ["Content-Type", "Content-Encoding", "Content-Language", "Content-Location"];

    public static bool Is(int status) => status is 301 or 302 or 303 or 307 or 308;

    /// <summary>
    /// The next request; null when there is no Location or it leads to a host that the plan does not name: load goes nowhere that nobody asked for.
    /// </summary>
    /// <param name="request">Sent last; checks and extractions are made on the final response.</param>
    /// <param name="sent">Its bytes.</param>
    /// <param name="status">A redirect.</param>
    /// <param name="response">With its head.</param>
    /// <param name="cookies">The VU's, if any.</param>
    /// <param name="origins">Hosts of the plan.</param>
    public static CompiledRequest? Next(
        CompiledRequest request, ReadOnlySpan<byte> sent, int status, CapturedResponse response, CookieContainer? cookies, IReadOnlyList<Origin> origins)
    {
        var view = new ResponseView(0);
        view.Show(new Exchange { Status = status }, 0, response);
        if (!view.TryFindHeader("Location"u8, out var location))
            return null;
        var (method, target, headers, body) = Parse(sent);
        if (!Uri.TryCreate(request.Plan.Url, target, out var from) || !Uri.TryCreate(from, Encoding.UTF8.GetString(location), out var to) || to.Scheme is not ("http" or "https"))
            return null;
        var origin = 0;
        while (origin < origins.Count && (origins[origin].Scheme, origins[origin].Host, origins[origin].Port) != Reachability.OriginKey(to))
            origin++;
        if (origin == origins.Count)
            return null;

        var keepsMethod = status is 307 or 308 || method is "GET" or "HEAD" || (status != 303 && method != "POST");
        var samePlace = origin == request.Image.OriginIndex;
        var kept = headers.Where(header =>
            !Is(header.Name, "Host", "Content-Length")
            && (!Is(header.Name, "Cookie") || (samePlace && cookies is null))
            && (keepsMethod || !Is(header.Name, BodyHeaders))
            && (samePlace || !Is(header.Name, "Authorization", "x-api-key"))).ToList();
        if (cookies is not null && CookieJar.HeaderFor(cookies, to) is { Length: > 0 } cookie)
            kept.Add(("Cookie", cookie));
        var plan = request.Plan with
        {
            Url = to,
            Method = keepsMethod ? method : "GET",
            Headers = kept,
            Body = keepsMethod ? body : default,
            BodyVariables = BodyVariables.None,
        };
        return request with
        {
            Plan = plan,
            Image = new RequestImage
            {
                Bytes = RequestImage.Encode(plan),
                OriginIndex = origin,
                Row = request.Image.Row,
                IsHead = plan.Method == "HEAD",
                Capture = request.Image.Capture,
                TimeoutNs = request.Image.TimeoutNs,
                EventsMax = request.Image.EventsMax,
            },
        };
    }

    /// <summary>Our own bytes, so their form is known.</summary>
    private static (string Method, string Target, List<(string Name, string Value)> Headers, byte[] Body) Parse(ReadOnlySpan<byte> sent)
    {
        var end = sent.IndexOf("\r\n\r\n"u8);
        var lines = Encoding.Latin1.GetString(sent[..end]).Split("\r\n");
        var words = lines[0].Split(' ');
        var headers = lines.Skip(1).Select(line => line.Split(": ", 2)).Select(pair => (pair[0], pair[1])).ToList();
        return (words[0], words[1], headers, sent[(end + 4)..].ToArray());
    }

    private static bool Is(string name, params string[] names) => names.Contains(name, StringComparer.OrdinalIgnoreCase);
}
