using System.Globalization;
using System.Text;
using Headroom.Import.Drafts;

namespace Headroom.Import.AccessLogs;

/// <summary>Real traffic as a plan: the shapes of its paths with their weights, and its arrivals.</summary>
internal sealed class AccessLogImport(PlanDraft draft)
{
    private const int RequestsMost = 1_000_000;

    // Shapes below this share of all requests are left out, all of them together told.
    private const double ShareLeast = 0.001;

    private static readonly string[] AssetEndings =
        [".css", ".js", ".mjs", ".map", ".png", ".jpg", ".jpeg", ".gif", ".svg", ".ico", ".webp", ".avif", ".woff", ".woff2", ".ttf", ".eot", ".otf", ".mp4", ".webm", ".mp3", "/robots.txt", "/favicon.ico"];

    private readonly Dictionary<(string Method, string Path), int> _counts = [];
    private readonly List<DateTimeOffset> _times = [];
    private readonly SortedDictionary<int, int> _refused = [];
    private int _lines;
    private int _unread;
    private int _firstUnread;
    private int _assets;
    private int _doubleSlashes;
    private int _requests;

    public void Read(IEnumerable<string> lines)
    {
        foreach (var line in lines)
        {
            _lines++;
            if (_requests == RequestsMost)
            {
                draft.LeftOut(_lines, FormattableString.Invariant($"this line and all behind it: the plan is made of the first {RequestsMost:N0} requests"));
                break;
            }

            Count(line);
        }

        if (_counts.Count == 0)
            throw draft.Error(0, $"no line of {_lines} is a request that could be sent again; read are the common and combined forms, and JSON objects with a method, a path and a time");
        Tell();
        AddRequests();
        AddScenario();
    }

    private void Count(string line)
    {
        if (string.IsNullOrWhiteSpace(line) || line.StartsWith('#'))
            return;
        if (LogLine.Parse(line) is not { } request)
        {
            _firstUnread = _unread++ == 0 ? _lines : _firstUnread;
            return;
        }

        if (request.Status is >= 400 and < 500 and not 429)
        {
            _refused[request.Status] = _refused.GetValueOrDefault(request.Status) + 1;
            return;
        }

        if (request.Path.StartsWith("//", StringComparison.Ordinal))
        {
            _doubleSlashes++;
            return;
        }

        var query = request.Path.IndexOf('?', StringComparison.Ordinal);
        if (!draft.Options.Assets && AssetEndings.Any(ending => (query < 0 ? request.Path : request.Path[..query]).EndsWith(ending, StringComparison.OrdinalIgnoreCase)))
        {
            _assets++;
            return;
        }

        _requests++;
        var key = (request.Method, request.Path);
        _counts[key] = _counts.GetValueOrDefault(key) + 1;
        if (request.Time is { } time && request.Method is "GET" or "HEAD")
            _times.Add(time);
    }

    private void Tell()
    {
        draft.Head.Add(string.Create(CultureInfo.InvariantCulture, $"From {draft.Options.Source}: {_requests:N0} requests of {_lines:N0} lines."));
        if (_unread > 0)
            draft.LeftOut(_firstUnread, FormattableString.Invariant($"{_unread} lines, this the first, in which there is no request"));
        if (_assets > 0)
            draft.LeftOut(0, FormattableString.Invariant($"{_assets} requests for pictures, fonts, styles and scripts; --assets takes them too"));
        if (_doubleSlashes > 0)
            draft.LeftOut(0, FormattableString.Invariant($"{_doubleSlashes} requests whose path begins with two slashes, which would read like another server's address"));
        foreach (var (status, count) in _refused)
            draft.LeftOut(0, FormattableString.Invariant($"{count} requests that were answered {status}"));
        draft.Target = "http://127.0.0.1:8080";
        if (draft.Options.Target is null)
            draft.Guess(0, "an access log does not say where the API is; change 'target'");
        draft.Guess(0, "ids are told from names by how they look and how many there are; look through the urls");
    }

    private void AddRequests()
    {
        var paths = _counts.OrderBy(static pair => pair.Key.Path, StringComparer.Ordinal).ThenBy(static pair => pair.Key.Method, StringComparer.Ordinal).Select(static pair => Logged(pair.Key.Method, pair.Key.Path, pair.Value)).ToList();
        var shapes = PathShapes.Of(paths).OrderByDescending(static shape => shape.Count).ThenBy(static shape => string.Join('/', shape.Segments), StringComparer.Ordinal).ToList();
        var requests = new ShapeRequest(draft);
        var (rare, rareShapes) = (0, 0);
        foreach (var shape in shapes)
        {
            var repeatable = shape.Method is "GET" or "HEAD";
            if (repeatable && shape.Count < _requests * ShareLeast)
            {
                rare += shape.Count;
                rareShapes++;
                continue;
            }

            var request = requests.Make(shape);
            if (!repeatable)
            {
                request.IsDisabled = true;
                draft.LeftOut(0, FormattableString.Invariant($"{shape.Count} {(shape.Count == 1 ? "time" : "times")} {request.Name}: a log has no bodies; it stands in a comment, to be given one"));
            }

            draft.Requests.Add(request);
        }

        if (rareShapes > 0)
            draft.LeftOut(0, FormattableString.Invariant($"{rare} requests of {rareShapes} kinds, each less than 0.1 % of all"));
        if (draft.Requests.TrueForAll(static request => request.IsDisabled))
            throw draft.Error(0, "has only requests that change data, and a log does not have their bodies");
    }

    private static LoggedPath Logged(string method, string path, int count)
    {
        var query = path.IndexOf('?', StringComparison.Ordinal);
        var pairs = query < 0 ? [] : path[(query + 1)..].Split('&', StringSplitOptions.RemoveEmptyEntries).Select(static pair =>
        {
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            return equals < 0 ? (pair, null) : (Name: pair[..equals], Value: (string?)pair[(equals + 1)..]);
        }).ToList();
        return new LoggedPath(method, (query < 0 ? path : path[..query])[1..].Split('/'), pairs, count);
    }

    // Most logs write whole seconds; what falls into one is spread over it.
    private void AddScenario()
    {
        if (_times.Count < 2)
        {
            draft.Guess(0, "the log says no times, so the plan has no scenario of its own");
            return;
        }

        _times.Sort();
        var start = _times[0];
        var text = new StringBuilder();
        var most = 0;
        for (var first = 0; first < _times.Count;)
        {
            var next = first;
            while (next < _times.Count && _times[next] == _times[first])
                next++;
            var isWhole = _times[first].Ticks % TimeSpan.TicksPerSecond == 0;
            for (var index = first; index < next; index++)
                text.Append(CultureInfo.InvariantCulture, $"{(_times[index] - start).TotalSeconds + (isWhole ? (index - first) / (double)(next - first) : 0):0.###}\n");
            most = Math.Max(most, next - first);
            first = next;
        }

        var span = _times[^1] - start;
        var speed = Math.Max(1, Math.Ceiling(span.TotalDays / 7));
        draft.Scenarios.Add(
            "recorded",
            new DraftMap()
                .Add("executor", "replay")
                .Add("arrivals", draft.AddFile("arrivals.txt", text.ToString()), string.Create(CultureInfo.InvariantCulture, $"{_times.Count:N0} requests over {span:c}, from {start:yyyy-MM-dd HH:mm:ss zzz}"))
                .Add("speed", speed, "2 is twice the traffic in half the time")
                .Add("maxVUs", Math.Clamp(most * 2, 10, 1000)));
    }
}
