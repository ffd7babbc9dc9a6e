using System.Globalization;
using System.Text.Json;

namespace Headroom.Http.ApiKeys.Issuing;

/// <summary>What keys may be, a sentence for each mistake under the name of what it is about.</summary>
internal static class ApiKeyRules
{
    const int NameMost = 200;
    const int OrganizationMost = 128;
    const int ScopesMost = 100;
    const int InstancesMost = 1_000;
    const int WordMost = 128;

    public static Dictionary<string, string[]> Errors(string? name, string? organizationId, IReadOnlyList<string>? scopes, IReadOnlyList<string>? instanceIds)
    {
        var errors = new Dictionary<string, string[]>(StringComparer.Ordinal);
        AddText(errors, "name", name, NameMost);
        AddText(errors, "organizationId", organizationId, OrganizationMost);
        AddWords(errors, "scopes", scopes, ScopesMost);
        AddWords(errors, "instanceIds", instanceIds, InstancesMost);
        return errors;
    }

    /// <summary>For callers in code.</summary>
    public static void Check(ApiKeyRecord record, Dictionary<string, string[]>? further = null)
    {
        var errors = Errors(record.Name, record.OrganizationId, record.Scopes, record.InstanceIds).Concat(further ?? []).SelectMany(static field => field.Value.Select(error => $"{field.Key}: {error}")).ToList();
        if (errors.Count > 0)
            throw new ArgumentException(string.Join(' ', errors), nameof(record));
    }

    public static string[]? ExpiryErrors(DateTimeOffset? expiresAt, DateTimeOffset now) => expiresAt <= now ? [$"'{expiresAt:O}' is over; write a time in the future, or none for a key that does not expire."] : null;

    /// <summary>Reads an expiry from JSON; null: never. A time that does not say how far it is from UTC is another one on each server, so it is none.</summary>
    /// <returns>What is wrong with it; null when nothing is.</returns>
    public static string[]? ReadExpiry(JsonElement given, out DateTimeOffset? expiresAt)
    {
        expiresAt = null;
        if (given.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null)
            return null;
        if (given.ValueKind != JsonValueKind.String || !given.TryGetDateTime(out var parts) || !given.TryGetDateTimeOffset(out var time))
            return ["It is not a time such as 2031-01-31T00:00:00Z, or null."];
        if (parts.Kind == DateTimeKind.Unspecified)
            return [string.Create(CultureInfo.InvariantCulture, $"'{given.GetString()}' does not say how far it is from UTC; write {parts:yyyy-MM-dd'T'HH:mm:ss}Z for UTC, or an offset such as +01:00 behind the time.")];
        expiresAt = DateTimeOffset.FromUnixTimeMilliseconds(time.ToUnixTimeMilliseconds());
        return null;
    }

    static void AddText(Dictionary<string, string[]> errors, string field, string? text, int most)
    {
        if (string.IsNullOrWhiteSpace(text) || text.Length > most || text.Any(char.IsControl))
            errors[field] = [string.IsNullOrWhiteSpace(text) ? $"It is missing; write 1 to {most} characters." : $"It has {text.Length} characters, or control characters; write 1 to {most} without them."];
    }

    static void AddWords(Dictionary<string, string[]> errors, string field, IReadOnlyList<string>? words, int most)
    {
        if (words is null)
            return;
        List<string> wrong = words.Count > most ? [$"There are {words.Count}; {most} are allowed."] : [];
        wrong.AddRange(words.Where(static word => !IsWord(word)).Take(3).Select(static word => $"'{(word?.Length > WordMost ? word[..WordMost] + "…" : word)}' is not 1 to {WordMost} visible ASCII characters without spaces, quotes and backslashes."));
        if (wrong.Count > 0)
            errors[field] = [.. wrong];
    }

    // RFC 6749, §3.3: scope-token.
    static bool IsWord(string? word) => word is { Length: > 0 and <= WordMost } && word.All(static letter => letter is > ' ' and <= '~' and not '"' and not '\\');
}
