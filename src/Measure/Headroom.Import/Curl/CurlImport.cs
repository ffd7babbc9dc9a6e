using System.Globalization;
using Headroom.Import.Drafts;

namespace Headroom.Import.Curl;

/// <summary>Requests from curl command lines.</summary>
internal sealed class CurlImport(PlanDraft draft)
{
    public void Read(string text)
    {
        var requests = new List<RequestDraft>();
        foreach (var command in Commands(text))
        {
            var start = command.Words.Take(8).ToList().FindIndex(static word => word is "curl" or "curl.exe" || word.EndsWith("/curl", StringComparison.Ordinal));
            if (start < 0)
                draft.LeftOut(command.Line, $"'{ShellWords.ToPlan(command.Words[0])}' is not curl");
            else
                requests.AddRange(Transfers(command with { Words = [.. command.Words.Skip(start + 1)] }));
        }

        if (requests.Count == 0)
            throw draft.Error(0, "there is no curl command with an address; write for example: curl https://api.example.com/items");
        draft.Head.Add($"From curl commands in {draft.Options.Source}.");
        draft.Target = Origins.MostCommon(requests.Select(static request => request.Url));
        foreach (var request in requests)
        {
            request.Url = Origins.Relative(request.Url, draft.Target);
            draft.Requests.Add(request);
        }
    }

    private IReadOnlyList<CurlCommand> Commands(string text)
    {
        try
        {
            return CommandPromptWords.AreIn(text) ? new CommandPromptWords(text).Split() : new ShellWords(text).Split();
        }
        catch (FormatException e)
        {
            throw draft.Error(e);
        }
    }

    // --next begins another transfer; several addresses are sent to in turn, with the same options.
    private IEnumerable<RequestDraft> Transfers(CurlCommand command)
    {
        var options = CurlArguments.Read(command.Words).ToList();
        for (var start = 0; start < options.Count;)
        {
            var end = options.FindIndex(start, static option => option.Name == "next");
            end = end < 0 ? options.Count : end;
            var part = options[start..end];
            var urls = part.Where(static option => option.Name == "url").Select(static option => option.Value).ToList();
            if (urls.Count == 0)
                draft.LeftOut(command.Line, "a curl command without an address");
            foreach (var expansion in start == 0 ? command.Expansions.Concat(command.Input?.Expansions ?? []) : [])
                draft.LeftOut(command.Line, $"what the shell puts in place of {expansion}; it stands in the plan as it is written");
            foreach (var url in urls)
            {
                var transfer = new CurlTransfer(draft, command.Line, url, command.Input?.Text);
                foreach (var (name, value) in part)
                    transfer.Apply(name, value);
                yield return transfer.Finish();
            }

            start = end + 1;
        }
    }

    internal static string Seconds(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) && seconds > 0 ? PlanText.Duration(TimeSpan.FromSeconds(seconds)) : "30s";
}
