using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Headroom.Measurements;

namespace Headroom.Reports.Summaries;

/// <summary>The checks as k6's root group has them: by name, with the path and its MD5 as identifier. Checks of one name are one, as they are in k6.</summary>
internal static class CheckGroup
{
    public static void Write(Utf8JsonWriter json, IReadOnlyList<CheckSummary> checks)
    {
        json.WriteStartObject();
        Identify(json, "", "");
        json.WriteStartObject("groups");
        json.WriteEndObject();
        json.WriteStartObject("checks");
        foreach (var check in checks.GroupBy(check => check.Name, StringComparer.Ordinal))
        {
            json.WriteStartObject(check.Key);
            Identify(json, check.Key, "::" + check.Key);
            json.WriteNumber("passes", check.Sum(one => one.Passes));
            json.WriteNumber("fails", check.Sum(one => one.Fails));
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Identify(Utf8JsonWriter json, string name, string path)
    {
        json.WriteString("name", name);
        json.WriteString("path", path);
#pragma warning disable CA5351 // k6's identifiers are MD5; nothing is protected by them.
        json.WriteString("id", Convert.ToHexStringLower(MD5.HashData(Encoding.UTF8.GetBytes(path))));
#pragma warning restore CA5351
    }
}
