using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Headroom.Measurements.RunFiles;

/// <summary>
/// Compares JSON with the contract's records before it is read into them, so that every missing field and every wrong kind is told at once
/// with its path. Unknown fields are fine: a newer minor version may have them.
/// </summary>
internal static class RunFileShape
{
    /// <summary>Samples, slopes and free values. Every other number of the contract is an amount, 0 or more.</summary>
    internal static readonly FrozenSet<string> MayBeNegative = FrozenSet.Create("start", "peak", "end", "observed", "value", "increase", "rssGrowthBytesPerHour");

    public static List<string> Problems(JsonElement root)
    {
        var problems = new List<string>();
        Check(root, RunFileJsonContext.Default.RunFile, "$", problems);
        return problems;
    }

    private static void Check(JsonElement element, JsonTypeInfo contract, string path, List<string> problems)
    {
        switch (contract.Kind)
        {
            case JsonTypeInfoKind.Object:
                CheckObject(element, contract, path, problems);
                break;
            case JsonTypeInfoKind.Enumerable when element.ValueKind == JsonValueKind.Array:
                var position = 0;
                foreach (var item in element.EnumerateArray())
                    Check(item, ContractOf(contract.ElementType!), $"{path}[{position++}]", problems);
                break;
            case JsonTypeInfoKind.Dictionary when element.ValueKind == JsonValueKind.Object:
                foreach (var entry in element.EnumerateObject())
                    CheckMember(entry.Value, contract.ElementType!, $"{path}[{Quote(entry.Name)}]", mayBeNegative: false, problems);
                break;
            case JsonTypeInfoKind.None when CanRead(element, contract):
                break;
            default:
                problems.Add($"{path}: found {Describe(element)}; allowed is {Allowed(contract)}");
                break;
        }
    }

    private static void CheckObject(JsonElement element, JsonTypeInfo contract, string path, List<string> problems)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            problems.Add($"{path}: found {Describe(element)}; allowed is an object");
            return;
        }

        foreach (var property in contract.Properties)
        {
            // The contract's extension data stands for all unknown fields; what cannot be set is written for other programs and ignored here.
            if (property.IsExtensionData || property.Set is null)
                continue;

            if (!element.TryGetProperty(property.Name, out var value))
            {
                if (property.IsRequired)
                    problems.Add($"{path}.{property.Name}: is missing");
            }
            else if (value.ValueKind != JsonValueKind.Null || !property.IsSetNullable)
            {
                CheckMember(value, property.PropertyType, $"{path}.{property.Name}", MayBeNegative.Contains(property.Name), problems);
            }
        }
    }

    private static void CheckMember(JsonElement element, Type type, string path, bool mayBeNegative, List<string> problems)
    {
        if (!mayBeNegative && element.ValueKind == JsonValueKind.Number && element.TryGetDouble(out var number) && number < 0)
            problems.Add($"{path}: found {Describe(element)}; allowed is 0 or more");
        else
            Check(element, ContractOf(type), path, problems);
    }

    private static JsonTypeInfo ContractOf(Type type) =>
        RunFileJsonContext.Default.GetTypeInfo(Nullable.GetUnderlyingType(type) ?? type)
        ?? throw new InvalidOperationException($"{type} is not part of the run file's contract.");

    private static bool CanRead(JsonElement element, JsonTypeInfo contract)
    {
        try
        {
            return element.Deserialize(contract) is not null;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static string Allowed(JsonTypeInfo contract) => contract switch
    {
        { Kind: JsonTypeInfoKind.Enumerable } => "a list",
        { Kind: JsonTypeInfoKind.Dictionary } => "an object",
        { Type.IsEnum: true } => string.Join(", ", Enum.GetNames(contract.Type).Select(name => Quote(JsonNamingPolicy.CamelCase.ConvertName(name)))),
        _ when contract.Type == typeof(string) => "text",
        _ when contract.Type == typeof(bool) => "true or false",
        _ when contract.Type == typeof(double) => "a number",
        _ when contract.Type == typeof(DateTimeOffset) => "a date and time such as \"2026-01-31T12:00:00+00:00\"",
        _ => "a whole number",
    };

    private static string Describe(JsonElement element)
    {
        var text = element.GetRawText();
        return element.ValueKind switch
        {
            JsonValueKind.Object => "an object",
            JsonValueKind.Array => "a list",
            _ => text.Length <= 40 ? text : string.Concat(text.AsSpan(0, 40), "…"),
        };
    }

    private static string Quote(string name) => $"\"{name}\"";
}
