using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Headroom.Measurements.RunFiles;

/// <summary>
/// Numbers as people write them, without the noise of binary fractions: six decimals from 1 on (a nanosecond in milliseconds), nine
/// significant digits below (so that a small error rate does not become 0).
/// </summary>
internal sealed class RoundedDoubleConverter : JsonConverter<double>
{
    public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.Number && reader.TryGetDouble(out var value) && double.IsFinite(value))
            return value;

        throw new JsonException("A number is expected.");
    }

    public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options)
    {
        if (!double.IsFinite(value))
            throw new JsonException($"A run file cannot hold {value.ToString(CultureInfo.InvariantCulture)}; every figure is a finite number.");

        writer.WriteNumberValue(Round(value));
    }

    internal static double Round(double value) =>
        Math.Abs(value) >= 1
            ? Math.Round(value, 6)
            : double.Parse(value.ToString("G9", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}
