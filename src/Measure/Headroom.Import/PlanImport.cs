using Headroom.Import.AccessLogs;
using Headroom.Import.Curl;
using Headroom.Import.Drafts;
using Headroom.Import.Har;
using Headroom.Import.K6;
using Headroom.Import.OpenApi;

namespace Headroom.Import;

/// <summary>Makes plans (docs/plans.md) from what there is. What it guesses stands in the plan as a comment; what it leaves out is told, never dropped in silence. See docs/import.md.</summary>
public static class PlanImport
{
    /// <summary>Largest source that is read, in bytes; an access log, which is read line by line, has no limit.</summary>
    public const long BytesMax = 256 * 1024 * 1024;

    /// <summary>From a HAR 1.2 file, as browsers export it: the visit as a flow, with the times that people waited.</summary>
    /// <param name="text">The file.</param>
    /// <param name="options">How the plan is made.</param>
    /// <exception cref="ImportException">It is not a HAR file, or holds no request to an API.</exception>
    public static ImportedPlan Har(string text, ImportOptions options) => Import(options, draft => new HarImport(draft).Read(text));

    /// <summary>From an OpenAPI 3.0 or 3.1 description, JSON or YAML: one request an operation, with bodies and ids from examples and schemas.</summary>
    /// <param name="text">The description.</param>
    /// <param name="options">How the plan is made.</param>
    /// <exception cref="ImportException">It is not an OpenAPI description, or describes no operation.</exception>
    public static ImportedPlan OpenApi(string text, ImportOptions options) => Import(options, draft => new OpenApiImport(draft).Read(text));

    /// <summary>From curl command lines, as people keep them in scripts and notes and as browsers copy them: one request each.</summary>
    /// <param name="text">The commands; other lines are left out and told.</param>
    /// <param name="options">How the plan is made.</param>
    /// <exception cref="ImportException">There is no curl command.</exception>
    public static ImportedPlan Curl(string text, ImportOptions options) => Import(options, draft => new CurlImport(draft).Read(text));

    /// <summary>From an access log in the common, combined or JSON form: requests by the shape of their paths, weighted as they occurred, at the times they occurred.</summary>
    /// <param name="lines">The log.</param>
    /// <param name="options">How the plan is made.</param>
    /// <exception cref="ImportException">No line is a request.</exception>
    public static ImportedPlan AccessLog(IEnumerable<string> lines, ImportOptions options) => Import(options, draft => new AccessLogImport(draft).Read(lines));

    /// <summary>From a k6 script: its options, and the calls of its functions as far as they can be said in a plan.</summary>
    /// <param name="text">The script, JavaScript as k6 reads it.</param>
    /// <param name="options">How the plan is made.</param>
    /// <exception cref="ImportException">The script cannot be read, or sends nothing.</exception>
    public static ImportedPlan K6(string text, ImportOptions options) => Import(options, draft => new K6Import(draft).Read(text));

    private static ImportedPlan Import(ImportOptions options, Action<PlanDraft> read)
    {
        ArgumentNullException.ThrowIfNull(options);
        var draft = new PlanDraft(options);
        read(draft);
        return draft.Finish();
    }
}
