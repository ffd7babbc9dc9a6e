using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Headroom.Telemetry.Otlp;

/// <summary>
/// What OpenTelemetry's variables say of an export (https://opentelemetry.io/docs/specs/otel/protocol/exporter/ and .../configuration/sdk-environment-variables/). The SDK reads the details itself; what it would pass over in silence is checked here.
/// </summary>
internal sealed record OtlpSettings(bool Metrics, bool Traces)
{
    const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
    const string Protocol = "OTEL_EXPORTER_OTLP_PROTOCOL";

    /// <exception cref="OptionsValidationException">A value cannot be used; all of them are named.</exception>
    public static OtlpSettings Read(IConfiguration configuration)
    {
        if (string.Equals(configuration["OTEL_SDK_DISABLED"], "true", StringComparison.OrdinalIgnoreCase))
            return new OtlpSettings(Metrics: false, Traces: false);

        var errors = new List<string>();
        var everything = HasEndpoint(configuration, Endpoint, errors);
        CheckProtocol(configuration, Protocol, errors);
        var settings = new OtlpSettings(Is("METRICS"), Is("TRACES"));
        return errors.Count == 0 ? settings : throw new OptionsValidationException("OTEL_EXPORTER_OTLP", typeof(OtlpSettings), errors);

        bool Is(string signal)
        {
            var own = HasEndpoint(configuration, $"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT", errors);
            CheckProtocol(configuration, $"OTEL_EXPORTER_OTLP_{signal}_PROTOCOL", errors);
            var exporter = configuration[$"OTEL_{signal}_EXPORTER"];
            return (everything || own) && (string.IsNullOrEmpty(exporter) || exporter.Split(',').Any(name => name.Trim().Equals("otlp", StringComparison.OrdinalIgnoreCase)));
        }
    }

    static bool HasEndpoint(IConfiguration configuration, string variable, List<string> errors)
    {
        if (configuration[variable] is not { Length: > 0 } value)
            return false;
        if (Uri.TryCreate(value, UriKind.Absolute, out var address) && address.Scheme is "http" or "https")
            return true;
        errors.Add($"{variable} is '{value}'; write an http or https URL, for example http://127.0.0.1:4317.");
        return false;
    }

    static void CheckProtocol(IConfiguration configuration, string variable, List<string> errors)
    {
        if (configuration[variable] is { Length: > 0 } value and not ("grpc" or "http/protobuf"))
            errors.Add($"{variable} is '{value}'; write grpc or http/protobuf.");
    }
}
