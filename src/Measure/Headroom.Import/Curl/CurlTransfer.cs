using System.Text;
using System.Text.RegularExpressions;
using Headroom.Import.Drafts;
using Headroom.Import.Har;

namespace Headroom.Import.Curl;

/// <summary>One request of a curl command, made option by option.</summary>
internal sealed partial class CurlTransfer(PlanDraft draft, int line, string url, string? input)
{
    private readonly List<(string Name, string Value)> _headers = [];
    private readonly List<string> _data = [];
    private readonly CurlForm _form = new(draft, line);
    private string? _method;
    private string? _bodyFile;
    private string? _timeout;
    private bool _inQuery;
    private bool _isJson;

    /// <summary>A body is sent, be it one that a plan cannot have.</summary>
    private bool _posts;
    private bool _uploads;
    private string _uploadName = "";
    private bool _isGlobOff;

    public void Apply(string name, string value)
    {
        switch (name)
        {
            case "url":
                break;
            case "request":
                _method = value.ToUpperInvariant();
                break;
            case "header":
                Header(value);
                break;
            case "data" or "data-ascii" or "data-binary" or "json":
                _isJson |= name == "json";
                _posts = true;
                if (value == "@-" && input is not null)
                    // A file of --data is read without its line ends.
                    _data.Add(name is "data" or "data-ascii" ? input.Replace("\r", "", StringComparison.Ordinal).Replace("\n", "", StringComparison.Ordinal) : input);
                else if (value.StartsWith('@'))
                    FromFile(value[1..], name is "data" or "data-ascii" ? "; curl would send it without its line ends" : "");
                else
                    _data.Add(value);
                break;
            case "data-raw":
                _posts = true;
                _data.Add(value);
                break;
            case "data-urlencode":
                _posts = true;
                UrlEncoded(value);
                break;
            case "upload-file":
                Upload(value);
                break;
            case "form" or "form-string":
                _posts = true;
                _form.Add(value, isText: name == "form-string");
                break;
            case "globoff":
                _isGlobOff = true;
                break;
            case "get":
                _inQuery = true;
                break;
            case "head":
                _method = "HEAD";
                break;
            case "user":
                _headers.Add(("Authorization", "Basic " + (ShellWords.HasVariable(value) ? "" : Convert.ToBase64String(Encoding.UTF8.GetBytes(value)))));
                break;
            case "oauth2-bearer":
                _headers.Add(("Authorization", "Bearer " + value));
                break;
            case "cookie" when value.Contains('=', StringComparison.Ordinal):
                _headers.Add(("Cookie", value));
                break;
            case "user-agent":
                _headers.Add(("User-Agent", value));
                break;
            case "referer":
                _headers.Add(("Referer", value));
                break;
            case "range":
                _headers.Add(("Range", "bytes=" + value));
                break;
            case "compressed":
                _headers.Add(("Accept-Encoding", "br, gzip"));
                break;
            case "max-time":
                _timeout = CurlImport.Seconds(value);
                break;
            case "location":
                Setting("redirects", 10, "curl -L follows redirects");
                break;
            case "http2" or "http2-prior-knowledge":
                Setting("http", 2, "curl --http2");
                break;
            default:
                if (!CurlArguments.IsWithoutEffect(name))
                    draft.LeftOut(line, $"curl's --{name}{(name is "insecure" ? "; run the plan with --insecure" : "")}");
                break;
        }
    }

    public RequestDraft Finish()
    {
        var address = url.Contains("://", StringComparison.Ordinal) || ShellWords.StartsWithVariable(url) ? url : "http://" + url;
        TellGlobs(address);
        if (_inQuery && _data.Count > 0)
        {
            address += (address.Contains('?', StringComparison.Ordinal) ? "&" : "?") + string.Join('&', _data);
            _data.Clear();
        }

        if (_uploads && _bodyFile is not null && address.EndsWith('/') && Origins.Split(address) is { Path.Length: > 0 })
            address += _uploadName;
        (address, var user) = Origins.WithoutUser(address);
        if (user is not null && !_headers.Exists(static header => header.Name.Equals("Authorization", StringComparison.OrdinalIgnoreCase)))
            Apply("user", ShellWords.HasVariable(user) ? user : Uri.UnescapeDataString(user));
        var hasBody = _data.Count > 0 || _bodyFile is not null || !_form.IsEmpty;
        var request = new RequestDraft { Url = PlanAddress(address), Method = _method ?? (_uploads ? "PUT" : _posts && !_inQuery ? "POST" : "GET"), Timeout = _timeout };
        foreach (var (name, value) in _headers)
            request.Headers.Add((name, ShellWords.HasVariable(value) ? ShellWords.ToPlan(value) : draft.Secrets.Header(name, value)));

        if (hasBody)
            Body(request);
        else if (_posts && !_inQuery)
            request.Comments.Add("its body is missing");
        return request;
    }

    // curl's manual, "URL globbing"; brackets around an IPv6 address are none.
    private void TellGlobs(string address)
    {
        if (_isGlobOff)
            return;
        var path = Origins.Split(address)?.Path ?? address;
        if (Glob().Match(path) is { Success: true } glob)
            draft.LeftOut(line, $"the other addresses that curl makes of '{glob.Value}'; write one request each, or a feeder with the values");
    }

    // --upload-file is a PUT of the file as it is; without a name of its own the address gets the file's.
    private void Upload(string file)
    {
        _uploads = true;
        if (file is "-" or "." || _bodyFile is not null)
        {
            draft.LeftOut(line, $"the upload of '{file}'; put it into a file and name it with bodyFile");
            return;
        }

        _bodyFile = ShellWords.ToPlan(file);
        _uploadName = file[(file.LastIndexOf('/') + 1)..];
        draft.Guess(line, $"the body is read from '{file}' beside the plan; put it there");
    }

    private void Header(string value)
    {
        var colon = value.IndexOf(':', StringComparison.Ordinal);
        if (colon > 0 && BrowserHeaders.AreNoise(value[..colon].Trim()))
            return;
        if (colon > 0 && colon + 1 < value.Length)
            _headers.Add((value[..colon].Trim(), value[(colon + 1)..].Trim()));
        else if (value.EndsWith(';'))
            _headers.Add((value[..^1].Trim(), ""));
        else if (value.StartsWith('@'))
            draft.LeftOut(line, $"the headers of the file '{value[1..]}'; write them into the plan");
        else
            draft.LeftOut(line, $"the header '{PlanText.Literal(value)}', which takes a header of curl's own away");
    }

    private void FromFile(string file, string difference)
    {
        if (_bodyFile is not null || file == "-")
            draft.LeftOut(line, $"the data of '{file}'; a plan has one file as a body");
        else
        {
            _bodyFile = ShellWords.ToPlan(file);
            draft.Guess(line, $"the body is read from '{file}' beside the plan; put it there{difference}");
        }
    }

    // name=content, =content, content; @file is left out (curl's manual, --data-urlencode).
    private void UrlEncoded(string value)
    {
        var equals = value.IndexOf('=', StringComparison.Ordinal);
        if (value.Contains('@', StringComparison.Ordinal) && equals < 0)
            draft.LeftOut(line, "--data-urlencode with a file");
        else if (ShellWords.HasVariable(value))
            _data.Add(value);
        else
            _data.Add(equals < 0 ? Uri.EscapeDataString(value) : (equals == 0 ? "" : value[..(equals + 1)]) + Uri.EscapeDataString(value[(equals + 1)..]));
    }

    private void Body(RequestDraft request)
    {
        var type = request.Headers.Find(static header => header.Name.Equals("Content-Type", StringComparison.OrdinalIgnoreCase)).Value ?? "";
        if (!_form.IsEmpty)
        {
            request.Headers.Add(("Content-Type", CurlForm.ContentType));
            request.Body = _form.Body;
        }
        else if (_bodyFile is not null)
        {
            request.BodyFile = _bodyFile;
            if (type.Length == 0 && !_uploads)
                request.Headers.Add(("Content-Type", _isJson ? "application/json" : "application/x-www-form-urlencoded"));
        }
        else if ((_isJson || type.Contains("json", StringComparison.OrdinalIgnoreCase)) && JsonDraft.TryParse(string.Concat(_data)) is { } json)
        {
            if (type.Equals("application/json", StringComparison.OrdinalIgnoreCase))
                request.Headers.RemoveAll(static header => header.Name.Equals("Content-Type", StringComparison.OrdinalIgnoreCase));
            request.Json = JsonDraft.From(json, (member, text) => new DraftText(ShellWords.HasVariable(text) ? ShellWords.ToPlan(text) : draft.Secrets.Field(member, text)));
        }
        else
        {
            var isForm = !_isJson && (type.Length == 0 || type.StartsWith("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase));
            request.Body = isForm ? Pairs(string.Join('&', _data), ShellWords.ToPlan) : ShellWords.ToPlan(string.Join(_isJson ? "" : "&", _data));
            if (type.Length == 0)
                request.Headers.Add(("Content-Type", _isJson ? "application/json" : "application/x-www-form-urlencoded"));
        }
    }

    private void Setting(string key, double value, string why)
    {
        if (!draft.Settings.Entries.Any(entry => entry.Key == key))
            draft.Settings.Add(key, value, why);
    }

    [GeneratedRegex(@"\[(?:[0-9]+-[0-9]+|[A-Za-z]-[A-Za-z])(?::[0-9]+)?\]|\{[^{}]*,[^{}]*\}", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Glob();

    // Variables of the shell stay variables; everything else that cannot stand in an address is encoded.
    private string PlanAddress(string address)
    {
        var query = address.IndexOf('?', StringComparison.Ordinal);
        return query < 0 ? ShellWords.MapText(address, PlanText.Url) : ShellWords.MapText(address[..query], PlanText.Url) + "?" + Pairs(address[(query + 1)..], static text => ShellWords.MapText(text, PlanText.Url));
    }

    // Of a query or a form; a variable of the shell is none of the secrets, which it holds already.
    private string Pairs(string text, Func<string, string> map) => string.Join('&', text.Split('&').Select(pair =>
    {
        var equals = pair.IndexOf('=', StringComparison.Ordinal);
        return equals > 0 && equals + 1 < pair.Length && Secrets.IsSecretField(pair[..equals]) && !ShellWords.HasVariable(pair)
            ? $"{map(pair[..equals])}={draft.Secrets.Field(pair[..equals], pair[(equals + 1)..])}"
            : map(pair);
    }));
}
