using System.Net.Http.Headers;
using System.Text;
using Headroom.Measurements;
using Headroom.Reports.Prometheus;
using Headroom.Reports.Tables;

namespace Headroom.Reports;

/// <summary>
/// Sends a run's <see cref="PrometheusText"/> to a Prometheus Pushgateway, so that what a CI job measured can be drawn and alerted on. By PUT: the figures of the last
/// run in the same group (job and labels) are replaced as a whole, and nothing of a former run stays beside them.
/// </summary>
public static class Pushgateway
{
    /// <summary>Longest wait for the gateway's answer, connecting included.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    private const int AnswerBytesMax = 2_000;

    /// <summary>What is wrong with the name of a label for grouping, and what to write instead; null when nothing is.</summary>
    /// <param name="name">A letter or underscore, then letters, digits and underscores; not <c>job</c>, and not beginning with two underscores.</param>
    public static string? CheckLabel(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return GroupingKey.CheckLabel(name);
    }

    /// <summary>The address of a group: <c>GATEWAY/metrics/job/JOB/NAME/VALUE…</c>, with values that a path cannot hold in base64, as the gateway reads them.</summary>
    /// <param name="gateway">Address of the gateway, http or https, without query; a path before the API's own is kept.</param>
    /// <param name="job">Not empty.</param>
    /// <param name="labels">More labels of the group, each name once.</param>
    /// <exception cref="ArgumentException">An empty job, a label that <see cref="CheckLabel"/> refuses, or a name given twice.</exception>
    public static Uri Group(Uri gateway, string job, IReadOnlyList<(string Name, string Value)> labels)
    {
        ArgumentNullException.ThrowIfNull(gateway);
        ArgumentException.ThrowIfNullOrEmpty(job);
        ArgumentNullException.ThrowIfNull(labels);
        if (labels.Select(label => CheckLabel(label.Name)).FirstOrDefault(problem => problem is not null) is { } wrong)
            throw new ArgumentException(wrong, nameof(labels));
        if (labels.DistinctBy(label => label.Name, StringComparer.Ordinal).Count() != labels.Count)
            throw new ArgumentException("A label is given twice.", nameof(labels));
        return new Uri($"{gateway.GetLeftPart(UriPartial.Path).TrimEnd('/')}/metrics{GroupingKey.Path([("job", job), .. labels])}");
    }

    /// <summary>Sends the run.</summary>
    /// <param name="group">An address that <see cref="Group"/> made.</param>
    /// <param name="run">The run.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="PushgatewayException">It could not be reached, did not answer in <see cref="Timeout"/>, or refused what was sent. The message is a sentence for people.</exception>
    public static Task PushAsync(Uri group, RunFile run, CancellationToken cancellation = default) => PushAsync(group, run, Timeout, cancellation);

    internal static async Task PushAsync(Uri group, RunFile run, TimeSpan timeout, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(group);
        ArgumentNullException.ThrowIfNull(run);
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(PrometheusText.Render(run)));
        content.Headers.ContentType = MediaTypeHeaderValue.Parse("text/plain; version=0.0.4; charset=utf-8");

        // A redirected push would arrive where nobody named; better told than followed.
        using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { Timeout = System.Threading.Timeout.InfiniteTimeSpan };
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(timeout);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Put, group) { Content = content };
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token);
            if (!response.IsSuccessStatusCode)
                throw new PushgatewayException($"the Pushgateway answered {await DescribeAsync(response, patience.Token)}");
        }
        catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
        {
            throw new PushgatewayException($"the Pushgateway did not answer within {timeout.TotalSeconds:0.#} s", e);
        }
        catch (HttpRequestException e)
        {
            throw new PushgatewayException($"the Pushgateway could not be reached: {(e.InnerException ?? e).Message}", e);
        }
        catch (IOException e)
        {
            throw new PushgatewayException($"the Pushgateway broke off while answering: {e.Message}", e);
        }
    }

    /// <summary>Its status and what it says, which for a refusal names the metric.</summary>
    private static async Task<string> DescribeAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        var status = $"{(int)response.StatusCode} {response.ReasonPhrase}".TrimEnd();
        if (response.Headers.Location is { } elsewhere)
            return VisibleText.Of($"{status} to {elsewhere}; write that address, if it is the right one");

        var answer = new byte[AnswerBytesMax];
        await using var body = await response.Content.ReadAsStreamAsync(cancellation);
        var read = await body.ReadAtLeastAsync(answer, AnswerBytesMax, throwOnEndOfStream: false, cancellation);
        var said = Encoding.UTF8.GetString(answer, 0, read).Trim().Split('\n')[0].Trim();
        return VisibleText.Of(said.Length == 0 ? status : $"{status}: {said}");
    }
}

/// <summary>A push that did not arrive, told in one sentence without a full stop.</summary>
public sealed class PushgatewayException : Exception
{
    internal PushgatewayException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
