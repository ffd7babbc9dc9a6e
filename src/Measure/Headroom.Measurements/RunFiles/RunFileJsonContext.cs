using System.Text.Json.Serialization;

namespace Headroom.Measurements.RunFiles;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    WriteIndented = true,
    Converters = [typeof(RoundedDoubleConverter)])]
[JsonSerializable(typeof(RunFile))]
internal sealed partial class RunFileJsonContext : JsonSerializerContext;
