using System.Runtime.InteropServices;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Headroom.Telemetry.Prometheus;

/// <summary>What a scraper reads.</summary>
internal enum ExpositionFormat
{
    /// <summary>Prometheus' text format 0.0.4.</summary>
    Text,

    /// <summary>OpenMetrics 1.0, which adds units and exemplars.</summary>
    OpenMetrics,
}

/// <summary>
/// Chooses by <c>Accept</c> (RFC 9110, section 12.5.1): what has the higher quality, the more precisely named one where they are equal, else the text format, which every scraper reads. A client that
/// takes neither gets the text format too: it is a person with a browser or a script that did not think of it.
/// </summary>
internal static class ExpositionFormats
{
    public const string TextContentType = "text/plain; version=0.0.4; charset=utf-8";
    public const string OpenMetricsContentType = "application/openmetrics-text; version=1.0.0; charset=utf-8";

    public static string ContentType(this ExpositionFormat format) => format == ExpositionFormat.OpenMetrics ? OpenMetricsContentType : TextContentType;

    public static ExpositionFormat Choose(StringValues accept)
    {
        if (accept.Count == 0 || !MediaTypeHeaderValue.TryParseList(accept, out var ranges))
            return ExpositionFormat.Text;

        var text = Wish.None;
        var openMetrics = Wish.None;
        foreach (var range in ranges)
        {
            text = text.Or(range, "text/plain", "0.0.4");
            openMetrics = openMetrics.Or(range, "application/openmetrics-text", "1.0.0");
        }

        return openMetrics.Quality > 0 && openMetrics.IsStrongerThan(text) ? ExpositionFormat.OpenMetrics : ExpositionFormat.Text;
    }

    /// <param name="Precision">0 unnamed, 1 by <c>*/*</c>, 2 by <c>text/*</c>, 3 by its name, 4 with its version.</param>
    [StructLayout(LayoutKind.Auto)]
    readonly record struct Wish(int Precision, double Quality)
    {
        public static readonly Wish None = new(0, 0);

        /// <summary>The most precise range says the quality of a type; of equal ones the better counts.</summary>
        public Wish Or(MediaTypeHeaderValue range, string type, string version)
        {
            var precision = PrecisionOf(range, type, version);
            var quality = range.Quality ?? 1;
            return precision > Precision || (precision == Precision && precision > 0 && quality > Quality) ? new Wish(precision, quality) : this;
        }

        public bool IsStrongerThan(Wish other) => Quality > other.Quality || (Quality.Equals(other.Quality) && Precision > other.Precision);

        static int PrecisionOf(MediaTypeHeaderValue range, string type, string version)
        {
            if (range.MatchesAllTypes)
                return 1;
            if (range.MatchesAllSubTypes)
                return type.StartsWith(range.Type.ToString() + "/", StringComparison.OrdinalIgnoreCase) ? 2 : 0;
            if (!range.MediaType.Equals(type, StringComparison.OrdinalIgnoreCase))
                return 0;

            foreach (var parameter in range.Parameters)
            {
                if (parameter.Name.Equals("version", StringComparison.OrdinalIgnoreCase))
                    return HeaderUtilities.RemoveQuotes(parameter.Value).Equals(version, StringComparison.Ordinal) ? 4 : 0;
            }

            return 3;
        }
    }
}
