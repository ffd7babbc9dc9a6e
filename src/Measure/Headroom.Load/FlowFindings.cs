using System.Globalization;
using Headroom.Load.Executors;
using Headroom.Measurements;

namespace Headroom.Load;

/// <summary>What went on inside iterations, and what ended the run before its time. The part of <see cref="RunFindings"/> that only plans with more than bare requests meet.</summary>
internal static class FlowFindings
{
    public static void Add(LoadPlan plan, RunFile run, RunFacts facts, List<Finding> findings)
    {
        AddResponses(plan, run, facts, findings);
        AddEnds(run, facts, findings);
        if (facts.TeardownFailures.Count > 0)
        {
            findings.Add(new Finding
            {
                Code = "teardown-failed",
                Summary = "The plan's teardown failed; what the run left behind is still there.",
                Evidence = facts.TeardownFailures,
                Remedy = "Clean up by hand, and mend the teardown requests.",
                Docs = "docs/findings/teardown-failed.md",
            });
        }
    }

    private static void AddResponses(LoadPlan plan, RunFile run, RunFacts facts, List<Finding> findings)
    {
        if (run.FailedExtractions.Count > 0)
        {
            findings.Add(new Finding
            {
                Code = "extraction-failed",
                Summary = Text($"{run.FailedExtractions.Sum(failed => failed.Count)} extractions found nothing; the rest of those iterations was skipped ({run.Iterations?.RequestsSkipped ?? 0} requests)."),
                Evidence = [.. run.FailedExtractions.Select(failed => Text($"'{failed.Variable}' from '{failed.Request}': {failed.Count}"))],
                Remedy = "Compare the extraction with a real response (curl), or give it a default.",
                Docs = "docs/findings/extraction-failed.md",
            });
        }

        if (run.Checks.Where(check => check.Fails > 0).ToArray() is { Length: > 0 } failed)
        {
            findings.Add(new Finding
            {
                Code = "checks-failed",
                Summary = Text($"{failed.Sum(check => check.Fails)} checks did not hold: responses came, but not the right ones."),
                Evidence = [.. failed.Select(check => Text($"'{check.Name}' of '{check.Request}': {check.Fails} of {check.Passes + check.Fails}"))],
                Remedy = "Look at such a response (curl). A threshold such as 'checks: rate>0.99' makes it fail the run.",
                Docs = "docs/findings/checks-failed.md",
            });
        }

        if (facts.TruncatedBodies > 0)
        {
            findings.Add(new Finding
            {
                Code = "capture-truncated",
                Summary = Text($"{facts.TruncatedBodies} bodies were longer than the capture limit of {plan.CaptureBytesMax} bytes: checks and extractions saw only their beginning."),
                Remedy = "Raise captureLimit, or check a smaller response.",
                Docs = "docs/findings/capture-truncated.md",
            });
        }

        var redirects = run.Statuses.Where(status => Redirect.Is(int.Parse(status.Key, CultureInfo.InvariantCulture))).Sum(status => status.Value);
        if (redirects > 0 && plan.RedirectsMax == 0)
        {
            findings.Add(new Finding
            {
                Code = "redirects",
                Severity = FindingSeverity.Info,
                Summary = Text($"{redirects} responses are redirects. They were counted and not followed: what was measured is the redirect, not the page behind it."),
                Remedy = "Measure the address that it leads to, or follow them ('redirects: 5' in a plan).",
                Docs = "docs/findings/redirects.md",
            });
        }
    }

    private static void AddEnds(RunFile run, RunFacts facts, List<Finding> findings)
    {
        if ((facts.Halt.FaultyFeeder ?? facts.Halt.EndedFeeder) is { } feeder)
        {
            var isError = facts.Halt.FaultyFeeder is not null;
            findings.Add(new Finding
            {
                Code = "feeder-exhausted",
                Severity = isError ? FindingSeverity.Critical : FindingSeverity.Info,
                Summary = isError ? $"Feeder '{feeder}' ran out of rows, which ended the run." : $"Feeder '{feeder}' ran out of rows; VUs that needed one ended.",
                Remedy = "Give it more rows, or let it begin again (atEnd: recycle).",
                Docs = "docs/findings/feeder-exhausted.md",
            });
        }

        if (run.AbortedBy is { } target)
        {
            findings.Add(new Finding
            {
                Code = "run-aborted",
                Severity = FindingSeverity.Critical,
                Summary = Text($"The target '{target}' was missed and ended the run after {run.DurationSeconds:0.#} s, as the plan asks (abortOnFail)."),
                Remedy = "Look at the figures until then; a longer delayAbortEval gives a slow start more time.",
                Docs = "docs/findings/run-aborted.md",
            });
        }
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
