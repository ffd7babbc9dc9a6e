using System.Text.Json;
using Headroom.Import.Drafts;

namespace Headroom.Import.Har;

/// <summary>
/// A recorded visit as a flow: the browser's own requests are taken away (pictures and scripts, other origins, preflights, what came from its cache), pauses are kept, and values that a response gave and a later request sent
/// are taken from the response again.
/// </summary>
internal sealed class HarImport(PlanDraft draft)
{
    // Shorter gaps are a program's, not a person's.
    private static readonly TimeSpan PauseLeast = TimeSpan.FromMilliseconds(200);

    private static readonly TimeSpan PauseMost = TimeSpan.FromHours(1);

    private static readonly string[] AssetTypes = ["image", "font", "stylesheet", "script", "media", "manifest", "texttrack"];

    private static readonly string[] AssetMedia = ["image/", "font/", "audio/", "video/", "text/css", "text/javascript", "application/javascript", "application/x-javascript", "application/font", "application/wasm", "application/manifest+json"];

    public void Read(string text)
    {
        var log = Parse(text);
        var entries = (log.Entries ?? []).OfType<HarEntry>().Where(static entry => entry.Request?.Url is not null).ToList();
        // Who it was says the header that the browser made of it.
        entries = InOrder(entries.ConvertAll(static entry => entry with { Request = entry.Request! with { Url = Origins.WithoutUser(entry.Request.Url!).Url } }));
        var sent = entries.Where(static entry => Origins.Split(entry.Request!.Url!) is not null).ToList();
        LeaveOut(entries.Count - sent.Count, "that are neither http nor https");
        sent = Without(sent, static entry => entry.FromCache is not null || entry.Response?.Status is null or 0, "that never reached a server: from the browser's cache, blocked or broken off");
        sent = Without(sent, static entry => entry.Request!.Method is "OPTIONS", "that browsers make before others (CORS preflights)");
        sent = Without(sent, static entry => entry.ResourceType is "websocket" || entry.Response?.Status is 101, "for a web socket");
        sent = Without(sent, static entry => entry.ResourceType is "eventsource" || entry.Response?.Content?.MimeType?.StartsWith("text/event-stream", StringComparison.OrdinalIgnoreCase) == true, "for an event stream, which may not end; write it with 'events: 1' where it is part of the load");
        if (!draft.Options.Assets)
            sent = Without(sent, IsAsset, "for pictures, fonts, styles and scripts; --assets takes them too");
        draft.Target = Origins.MostCommon(sent.Where(static entry => entry.ResourceType is null or "fetch" or "xhr").Select(static entry => entry.Request!.Url!)) ?? Origins.MostCommon(sent.Select(static entry => entry.Request!.Url!));
        foreach (var other in sent.GroupBy(static entry => Origins.Split(entry.Request!.Url!)!.Value.Origin, StringComparer.OrdinalIgnoreCase).Where(group => !group.Key.Equals(draft.Target, StringComparison.OrdinalIgnoreCase)))
            LeaveOut(other.Count(), $"to {other.Key}, which is not the API's origin");
        sent = [.. sent.Where(entry => Origins.Split(entry.Request!.Url!)!.Value.Origin.Equals(draft.Target, StringComparison.OrdinalIgnoreCase))];
        if (sent.Count == 0)
            throw draft.Error(0, "no request to an API is left: record the visit with the network panel open, and export it with its contents");

        var program = log.Browser ?? log.Creator;
        draft.Head.Add($"From {draft.Options.Source}{(program?.Name is { } name ? $", recorded by {name} {program.Version}" : "")}: {sent.Count} of {entries.Count} requests.");
        AddVisit(log, sent);
        draft.Scenarios.Add(
            "visitors",
            new DraftMap().Add("executor", "constant-vus").Add("vus", 10).Add("duration", "30s"),
            "a recording does not say how many people come: ten, one visit after another");
    }

    // One that does not say when it began stays behind the one before it.
    private static List<HarEntry> InOrder(List<HarEntry> entries)
    {
        var last = DateTimeOffset.MinValue;
        return [.. entries.Select(entry => (Entry: entry, At: last = entry.Started ?? last)).OrderBy(static pair => pair.At).Select(static pair => pair.Entry)];
    }

    private HarLog Parse(string text)
    {
        try
        {
            if (JsonSerializer.Deserialize(text.TrimStart('\uFEFF'), HarJson.Default.HarFile)?.Log is { Entries: not null } log)
                return log;
        }
        catch (JsonException e)
        {
            throw draft.Error((int)(e.LineNumber ?? -1) + 1, $"is not JSON that a HAR has ({e.Path}); export the recording again, 'Save all as HAR with content'");
        }

        throw draft.Error(0, "is JSON without 'log.entries', so it is not a HAR file; export the recording from the browser's network panel");
    }

    private List<HarEntry> Without(List<HarEntry> entries, Predicate<HarEntry> noise, string why)
    {
        var rest = entries.FindAll(entry => !noise(entry));
        LeaveOut(entries.Count - rest.Count, why);
        return rest;
    }

    private void LeaveOut(int count, string why)
    {
        if (count > 0)
            draft.LeftOut(0, $"{count} {(count == 1 ? "request" : "requests")} {why}");
    }

    private static bool IsAsset(HarEntry entry) => entry.ResourceType is { } type && !type.Equals("other", StringComparison.OrdinalIgnoreCase)
        ? AssetTypes.Contains(type, StringComparer.OrdinalIgnoreCase)
        : AssetMedia.Any(media => entry.Response?.Content?.MimeType?.StartsWith(media, StringComparison.OrdinalIgnoreCase) == true);

    // One flow, because a later page may need what an earlier one was given.
    private void AddVisit(HarLog log, List<HarEntry> sent)
    {
        var correlation = new Correlation();
        var reader = new HarRequestReader(draft, correlation);
        var requests = sent.ConvertAll(reader.Read);
        var steps = new DraftList();
        DateTimeOffset? idleSince = null;
        string? page = null;
        foreach (var (entry, request) in sent.Zip(requests))
        {
            if (idleSince is { } since && entry.Started - since is { } pause && pause >= PauseLeast)
                steps.Add(new DraftMap(OneLine: true).Add("think", PlanText.Duration(TimeSpan.FromMilliseconds(Math.Round(Math.Min(pause.TotalMilliseconds, PauseMost.TotalMilliseconds) / 10) * 10))));
            if (page != entry.Pageref && log.Pages?.FirstOrDefault(other => other.Id == entry.Pageref)?.Title is { Length: > 0 } title)
                request.Comments.Insert(0, $"page: {title}");
            steps.Add(request.ToNode(), request.Comments);
            page = entry.Pageref;
            var end = entry.Started + TimeSpan.FromMilliseconds(Math.Clamp(entry.Time ?? 0, 0, PauseMost.TotalMilliseconds));
            idleSince = idleSince is null || end > idleSince ? end : idleSince;
        }

        draft.Flows.Add(new FlowDraft("visit", null, steps, ["what the browser sent at the same time is sent one after another"]));
        foreach (var guess in correlation.Guesses)
            draft.Guess(0, guess);
    }
}
