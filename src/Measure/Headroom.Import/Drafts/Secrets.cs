using System.Globalization;

namespace Headroom.Import.Drafts;

/// <summary>Keeps what must not stand in a plan out of it: each value becomes an environment variable.</summary>
internal sealed class Secrets
{
    private static readonly string[] KeyHeaders = ["x-api-key", "api-key", "apikey", "x-auth-token", "x-access-token", "x-csrf-token", "x-xsrf-token", "x-amz-security-token", "proxy-authorization"];

    private static readonly string[] SecretFields = ["password", "passwd", "pwd", "secret", "client_secret", "clientsecret", "api_key", "apikey", "access_token", "refresh_token", "id_token", "token", "private_key", "otp", "pin"];

    private readonly Dictionary<(string Name, string Value), string> _names = [];
    private readonly List<(string Name, string Source, string Meaning)> _described = [];

    /// <summary>Names, where each was found, and what it is.</summary>
    public IReadOnlyList<(string Name, string Source, string Meaning)> Described => _described;

    /// <summary>The value that a header has in the plan.</summary>
    public string Header(string name, string value)
    {
        if (name.Equals("authorization", StringComparison.OrdinalIgnoreCase))
        {
            var space = value.IndexOf(' ', StringComparison.Ordinal);
            if (space < 0)
                return Variable("API_AUTHORIZATION", value, "Authorization", "credentials");
            var scheme = value[..space];
            var isBasic = scheme.Equals("basic", StringComparison.OrdinalIgnoreCase);
            return $"{PlanText.Literal(scheme)} {Variable(isBasic ? "API_BASIC" : "API_TOKEN", value[(space + 1)..].Trim(), "Authorization", isBasic ? "base64 of user:password" : "token")}";
        }

        if (name.Equals("cookie", StringComparison.OrdinalIgnoreCase))
            return Variable("API_COOKIE", value, "Cookie", "cookies");
        if (KeyHeaders.Contains(name, StringComparer.OrdinalIgnoreCase))
            return Variable("API_" + PlanText.Identifier(name, "key").ToUpperInvariant().Replace("X_", "", StringComparison.Ordinal).Replace("API_", "", StringComparison.Ordinal), value, name, "value");
        return PlanText.Literal(value);
    }

    /// <summary>The value that a field of a body or a query has in the plan.</summary>
    public string Field(string name, string value) => IsSecretField(name) && value.Length > 0
        ? Variable("API_" + PlanText.Identifier(name, "secret").ToUpperInvariant().Replace("API_", "", StringComparison.Ordinal), value, name, "value")
        : PlanText.Literal(value);

    public static bool IsSecretField(string name) => SecretFields.Contains(name.Replace("-", "_", StringComparison.Ordinal), StringComparer.OrdinalIgnoreCase);

    /// <summary>The variable that a value has; the same value under the same name has one.</summary>
    public string Variable(string name, string value, string source, string meaning)
    {
        if (!_names.TryGetValue((name, value), out var variable))
        {
            variable = name;
            for (var number = 2; _described.Exists(other => other.Name == variable); number++)
                variable = string.Create(CultureInfo.InvariantCulture, $"{name}_{number}");
            _names.Add((name, value), variable);
            _described.Add((variable, source, meaning));
        }

        return $"${{env.{variable}}}";
    }
}
