using System.Globalization;
using System.Text;
using System.Xml;
using Headroom.Measurements;
using Headroom.Reports.Figures;
using Headroom.Reports.JUnit;

namespace Headroom.Reports;

/// <summary>
/// A run as JUnit XML, which CI systems show as tests: one test case for the run itself, one for each target and one for each check (docs/outputs.md). The format has
/// no standard; this is the part of it that Jenkins, GitLab, Azure DevOps and GitHub's actions read alike.
/// </summary>
public static class JUnitReport
{
    /// <summary>Writes the report; on any failure a file that was there before stays as it was.</summary>
    /// <exception cref="IOException">The disk is full, the folder does not exist.</exception>
    /// <exception cref="UnauthorizedAccessException">No permission to write there.</exception>
    public static void Write(string path, RunFile run)
    {
        var xml = Render(run);
        AtomicFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(xml)));
    }

    /// <summary>The report as text.</summary>
    public static string Render(RunFile run)
    {
        ArgumentNullException.ThrowIfNull(run);
        using var text = new Utf8Text();
        using (var xml = XmlWriter.Create(text, new XmlWriterSettings { Indent = true, NewLineChars = "\n" }))
            WriteSuites(xml, run, [RunCase(run), .. run.Thresholds.Select(ThresholdCase), .. run.Checks.Select(CheckCase)]);
        return text.Append('\n').ToString();
    }

    /// <summary>Targets that were met say nothing of a run that was cut off, so whether it was is a case of its own.</summary>
    private static TestCase RunCase(RunFile run)
    {
        var failure = run.AbortedBy is { } target ? $"ended before its planned end, because '{target}' was missed"
            : run.Interrupted ? "was stopped before its planned end; all figures are of what was measured until then"
            : run.Summary.Requests == 0 ? "no request ended"
            : null;
        return new TestCase("headroom.run", "ran to its planned end") { FailureType = "run", Failure = failure };
    }

    private static TestCase ThresholdCase(ThresholdResult threshold)
    {
        var observed = threshold.ObservedText ?? threshold.Observed?.ToString("R", CultureInfo.InvariantCulture);
        var what = observed is null ? "nothing observed" : $"observed {observed}";
        var told = $"{what}; the target is {threshold.Expression}{(threshold.Reason is { } reason ? $" ({reason})" : "")}";
        return new TestCase("headroom.thresholds", threshold.Expression)
        {
            FailureType = "threshold",
            Failure = threshold.Passed || threshold.Undecided ? null : told,
            Skipped = threshold.Undecided ? $"undecided: {told}" : null,
            Output = threshold.Passed ? told : null,
        };
    }

    private static TestCase CheckCase(CheckSummary check)
    {
        var total = check.Passes + check.Fails;
        var name = $"{check.Request}: {check.Name}";
        if (total == 0)
            return new TestCase("headroom.checks", name) { Skipped = "no response was checked" };

        var told = string.Create(CultureInfo.InvariantCulture, $"held for {check.Passes} of {total} responses ({Figure.Percent((double)check.Passes / total)})");
        return new TestCase("headroom.checks", name)
        {
            FailureType = "check",
            Failure = check.Fails > 0 ? string.Create(CultureInfo.InvariantCulture, $"failed for {check.Fails}, {told}") : null,
            Output = check.Fails > 0 ? null : told,
        };
    }

    private static void WriteSuites(XmlWriter xml, RunFile run, IReadOnlyList<TestCase> cases)
    {
        var failures = Invariant(cases.Count(one => one.Failure is not null));
        xml.WriteStartElement("testsuites");
        Attribute(xml, "name", "headroom");
        Attribute(xml, "tests", Invariant(cases.Count));
        Attribute(xml, "failures", failures);
        Attribute(xml, "errors", "0");
        Attribute(xml, "time", Seconds(run.DurationSeconds));

        xml.WriteStartElement("testsuite");
        Attribute(xml, "name", run.Plan.Name);
        Attribute(xml, "tests", Invariant(cases.Count));
        Attribute(xml, "failures", failures);
        Attribute(xml, "errors", "0");
        Attribute(xml, "skipped", Invariant(cases.Count(one => one.Skipped is not null)));
        Attribute(xml, "time", Seconds(run.DurationSeconds));

        // The common schema has no zone here; it is UTC.
        Attribute(xml, "timestamp", run.StartedAt.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture));
        WriteProperties(xml, run);
        foreach (var one in cases)
            WriteCase(xml, one);
        if (run.Warnings.Count > 0)
            Element(xml, "system-out", string.Join('\n', run.Warnings.Select(Told)));
        xml.WriteEndElement();
        xml.WriteEndElement();
    }

    private static void WriteProperties(XmlWriter xml, RunFile run)
    {
        var latency = run.Summary.LatencyMs;
        (string Name, string? Value)[] properties =
        [
            ("target", run.Plan.Target),
            ("plan.digest", run.Plan.Digest),
            ("headroom.version", run.Environment.HeadroomVersion),
            ("requests", Invariant(run.Summary.Requests)),
            ("requests_per_second", Invariant(run.Summary.RequestsPerSecond)),
            ("errors", Invariant(run.Summary.Errors)),
            ("latency_p50_ms", Metric.HasLatency(latency) ? Invariant(latency.P50) : null),
            ("latency_p95_ms", Metric.HasLatency(latency) ? Invariant(latency.P95) : null),
            ("latency_p99_ms", Metric.HasLatency(latency) ? Invariant(latency.P99) : null),
        ];
        xml.WriteStartElement("properties");
        foreach (var (name, value) in properties)
        {
            if (value is null)
                continue;
            xml.WriteStartElement("property");
            Attribute(xml, "name", name);
            Attribute(xml, "value", value);
            xml.WriteEndElement();
        }

        xml.WriteEndElement();
    }

    private static void WriteCase(XmlWriter xml, TestCase one)
    {
        xml.WriteStartElement("testcase");
        Attribute(xml, "classname", one.ClassName);
        Attribute(xml, "name", one.Name);
        Attribute(xml, "time", "0");
        if (one.Failure is { } failure)
        {
            xml.WriteStartElement("failure");
            Attribute(xml, "message", failure);
            Attribute(xml, "type", one.FailureType);
            xml.WriteString(XmlSafeText.Of(failure));
            xml.WriteEndElement();
        }

        if (one.Skipped is { } skipped)
        {
            xml.WriteStartElement("skipped");
            Attribute(xml, "message", skipped);
            xml.WriteEndElement();
        }

        if (one.Output is { } output)
            Element(xml, "system-out", output);
        xml.WriteEndElement();
    }

    private static string Told(Finding finding) => $"{finding.Code}: {finding.Summary} What to do: {finding.Remedy}";

    private static void Element(XmlWriter xml, string name, string text) => xml.WriteElementString(name, XmlSafeText.OfLines(text));

    private static void Attribute(XmlWriter xml, string name, string value) => xml.WriteAttributeString(name, XmlSafeText.Of(value));

    private static string Seconds(double seconds) => seconds.ToString("0.###", CultureInfo.InvariantCulture);

    private static string Invariant<T>(T value)
        where T : IFormattable => value.ToString(null, CultureInfo.InvariantCulture);
}
