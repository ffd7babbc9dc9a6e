using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace Headroom.Gateway.Tests.Conformance;

/// <summary>One case on its way through a proxy: sends the exchanges in turn and holds what came of them against the table.</summary>
internal sealed partial class ExchangeRun(Behaviour behaviour, Uri proxy)
{
    private readonly DateTimeOffset _start = DateTimeOffset.UtcNow;
    private readonly List<OriginRequest>[] _asked = [.. behaviour.Exchanges.Select(_ => new List<OriginRequest>())];
    private readonly Lock _lock = new();
    private int _present;

    /// <summary>The case's own path, by which the origin knows it.</summary>
    public string Segment { get; } = $"{behaviour.Id}-{Guid.NewGuid():n}";

    /// <returns>Null if the behaviour holds, else what was seen instead.</returns>
    public async Task<string?> RunAsync(CancellationToken cancellation)
    {
        for (var number = 0; number < behaviour.Exchanges.Count; number++)
        {
            var exchange = behaviour.Exchanges[number];
            if (number > 0)
                await Task.Delay(TimeSpan.FromSeconds(exchange.WaitSeconds), cancellation);
            lock (_lock)
                _present = number;
            if (await FailureAsync(number, exchange, cancellation) is { } failure)
                return $"exchange {number + 1} of {behaviour.Exchanges.Count}: {failure}";
        }

        return null;
    }

    /// <summary>Notes what the origin was asked, and says which exchange it belongs to.</summary>
    public (int Number, Exchange Exchange) Asked(OriginRequest request)
    {
        lock (_lock)
        {
            _asked[_present].Add(request);
            return (_present, behaviour.Exchanges[_present]);
        }
    }

    public string ContentOf(int number) => behaviour.Exchanges[number].Content ?? $"{behaviour.Id}, exchange {number}";

    public string Fill(string line) => Placeholder().Replace(line, match => match.Groups["name"].Value switch
    {
        "base" => $"/{Segment}",
        "host" => proxy.Authority,
        "now" => HttpDate(DateTimeOffset.UtcNow, match),
        _ => HttpDate(_start, match),
    });

    private static string HttpDate(DateTimeOffset moment, Match match) =>
        (moment + TimeSpan.FromSeconds(double.Parse(match.Groups["seconds"].Value, CultureInfo.InvariantCulture))).ToString("r", CultureInfo.InvariantCulture);

    private async Task<string?> FailureAsync(int number, Exchange exchange, CancellationToken cancellation)
    {
        var request = new StringBuilder($"{exchange.Method} /{Segment}{exchange.Suffix} HTTP/1.1\r\nHost: {exchange.Host ?? proxy.Authority}\r\n");
        foreach (var header in exchange.RequestHeaders)
            request.Append(Fill(header)).Append("\r\n");
        if (exchange.RequestBody is { } body)
            request.Append(CultureInfo.InvariantCulture, $"Content-Length: {body.Length}\r\n");
        request.Append("\r\n").Append(exchange.RequestBody);

        ClientView response;
        try
        {
            response = await ClientView.OfAsync(proxy, request.ToString());
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return "no answer came";
        }
        catch (SocketException e)
        {
            return $"no answer: {e.Message}";
        }

        if (!response.Final.IsComplete)
            return exchange.From == AnswerFrom.Any || exchange.ExpectsServerError ? null : "the answer was not whole";
        if (exchange.AllowsRefusal && response.Final.Status == 400)
            return null;

        OriginRequest[] asked;
        lock (_lock)
            asked = [.. _asked[number]];
        return WrongSource(number, exchange, response, asked)
            ?? WrongResponse(number, exchange, response)
            ?? WrongAtOrigin(exchange, asked);
    }

    private string? WrongSource(int number, Exchange exchange, ClientView response, OriginRequest[] asked)
    {
        var madeFor = MadeFor(response);
        var earlier = madeFor is { } mark ? mark < number : asked.Length == 0 && response.Final.Status < 500;
        var seen = $"the answer was {response.Final.Status}, "
            + (madeFor is { } made ? $"made for exchange {made + 1}" : "without the origin's mark")
            + $", and the origin was asked {asked.Length} times";
        return exchange.From switch
        {
            AnswerFrom.Forwarded when (madeFor is { } now ? now != number : asked.Length == 0) => $"expected the origin's answer, but {seen}",
            AnswerFrom.Stored when !earlier || asked.Length > 0 => $"expected the stored answer, but {seen}",
            AnswerFrom.StoredThoughAsked when !earlier => $"expected the stored answer, but {seen}",
            AnswerFrom.Validated when !asked.Any(request => request.IsConditional) => $"expected a conditional request to the origin, but {seen}",
            AnswerFrom.Validated when madeFor == number => $"expected the stored answer after validation, but {seen}",
            AnswerFrom.Generated when madeFor is not null => $"expected an error of the cache's own, but {seen}",
            AnswerFrom.Generated when response.Final.Status < 500 => $"expected a status of 500 or more, but {seen}",
            _ => null,
        };
    }

    private string? WrongResponse(int number, Exchange exchange, ClientView response)
    {
        var source = MadeFor(response) ?? number;
        var status = exchange.ExpectedStatus ?? (exchange.ExpectsServerError || exchange.From == AnswerFrom.Any ? null
            : exchange.From == AnswerFrom.Forwarded ? exchange.StatusCode
            : behaviour.Exchanges[Math.Min(source, number)].StatusCode);
        if (status is { } expected && response.Final.Status != expected)
            return $"expected status {expected}, but it was {response.Final.Status}";

        if (exchange.ChecksContent && response.Final.Status is not (204 or 304) && exchange.Method != "HEAD" && (exchange.ExpectedContent is not null || exchange.From != AnswerFrom.Any))
        {
            var content = exchange.ExpectedContent ?? ContentOf(source);
            if (response.Final.Body != content)
                return $"expected the body '{Shortened(content)}', but it was '{Shortened(response.Final.Body)}'";
        }

        if (exchange.ExpectedInterim is { } interim && !interim.SequenceEqual(response.Interim))
            return $"expected the interim answers [{string.Join(", ", interim)}], but they were [{string.Join(", ", response.Interim)}]";
        return WrongHeader(exchange.ExpectedHeaders, exchange.UnexpectedHeaders, response.Final.Head, "the client")
            ?? WrongHeader(exchange.ExpectedTrailers, [], "\r\n" + response.Final.Trailers, "in its trailers the client");
    }

    private string? WrongAtOrigin(Exchange exchange, OriginRequest[] asked)
    {
        if (exchange.ExpectedAtOrigin.Count + exchange.UnexpectedAtOrigin.Count > 0 || exchange.ExpectedTargetAtOrigin is not null)
        {
            if (asked.Length == 0)
                return "expected that the origin is asked, but it was not";
            if (exchange.ExpectedTargetAtOrigin is { } target && asked[0].Target != $"/{Segment}{target}")
                return $"expected that the origin sees the target '/{Segment}{target}', but it was '{asked[0].Target}'";
            if (exchange.RequestBody is { } body && asked[0].Body != body)
                return $"expected that the origin sees the body '{body}', but it was '{asked[0].Body}'";
            return WrongHeader(exchange.ExpectedAtOrigin, exchange.UnexpectedAtOrigin, asked[0].Head, "the origin");
        }

        return null;
    }

    private string? WrongHeader(IReadOnlyList<string> expected, IReadOnlyList<string> unexpected, string head, string who)
    {
        foreach (var line in expected)
        {
            var parts = Fill(line).Split(':', 2);
            var value = HeadText.Fields(head, parts[0]) is { Count: > 0 } values ? string.Join(", ", values) : null;
            var wanted = parts.Length == 1 ? null : parts[1].Trim();
            var right = value is not null && (wanted is null
                || (wanted.StartsWith(">=", StringComparison.Ordinal) ? AtLeast(value, wanted[2..])
                    : wanted.StartsWith('<') && char.IsAsciiDigit(wanted[1]) ? Below(value, wanted[1..])
                    : wanted.StartsWith('~') ? value.Contains(wanted[1..], StringComparison.OrdinalIgnoreCase)
                    : value == wanted));
            if (!right)
                return $"expected that {who} sees '{Fill(line)}', but {(value is null ? "it was missing" : $"it was '{value}'")}";
        }

        foreach (var line in unexpected)
        {
            var parts = Fill(line).Split(':', 2);
            var value = HeadText.Fields(head, parts[0]) is { Count: > 0 } values ? string.Join(", ", values) : null;
            var found = parts.Length == 1 ? value is not null : value?.Contains(parts[1].Trim(), StringComparison.OrdinalIgnoreCase) == true;
            if (found)
                return $"expected that {who} does not see '{line}', but it was '{value}'";
        }

        return null;
    }

    private static bool AtLeast(string value, string bound) =>
        int.TryParse(value, CultureInfo.InvariantCulture, out var number) && number >= int.Parse(bound, CultureInfo.InvariantCulture);

    private static bool Below(string value, string bound) =>
        int.TryParse(value, CultureInfo.InvariantCulture, out var number) && number < int.Parse(bound, CultureInfo.InvariantCulture);

    private static int? MadeFor(ClientView response) =>
        int.TryParse(response.Final.Field("Exchange"), CultureInfo.InvariantCulture, out var number) ? number : null;

    private static string Shortened(string text) => text.Length > 100 ? $"{text[..100]}… ({text.Length} bytes)" : text;

    [GeneratedRegex(@"\{(?<name>base|host|now|start)(?<seconds>[+-]\d+)?\}", RegexOptions.None, 1000)]
    private static partial Regex Placeholder();
}
