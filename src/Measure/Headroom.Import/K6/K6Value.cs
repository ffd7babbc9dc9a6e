using Headroom.Import.Drafts;

namespace Headroom.Import.K6;

/// <summary>What an expression of a script is in a plan.</summary>
internal abstract record K6Value;

/// <summary>A text of the plan, variables in it.</summary>
/// <param name="Text">As the plan writes it.</param>
/// <param name="IsNumber">It is one variable that is a number.</param>
internal sealed record K6Text(string Text, bool IsNumber = false) : K6Value;

/// <summary>A number, a truth value or null, as it is written.</summary>
internal sealed record K6Plain(string Text) : K6Value;

internal sealed record K6Map(IReadOnlyList<(string Name, K6Value Value, int Line)> Members) : K6Value
{
    public K6Value? this[string name] => Members.LastOrDefault(member => member.Name == name).Value;
}

internal sealed record K6List(IReadOnlyList<K6Value> Items) : K6Value;

/// <summary>The text that a value is as JSON.</summary>
internal sealed record K6JsonText(K6Value Json) : K6Value;

internal sealed record K6Function(JsFunction Function) : K6Value;

/// <summary>The response of a request.</summary>
internal sealed record K6Response(RequestDraft Request) : K6Value;

/// <summary>A value in a response's JSON.</summary>
/// <param name="Request">Whose response.</param>
/// <param name="Path">An RFC 9535 query.</param>
internal sealed record K6Json(RequestDraft Request, string Path) : K6Value;

internal static class K6Values
{
    /// <summary>The value as a text of the plan; null when it is none.</summary>
    public static string? AsText(this K6Value? value) => value switch
    {
        K6Text text => text.Text,
        K6Plain plain => plain.Text,
        _ => null,
    };

    /// <summary>The value as JSON; null when it holds what no JSON can.</summary>
    /// <param name="value">The value.</param>
    /// <param name="secrets">Takes what must not stand in a plan; null leaves it there.</param>
    public static DraftNode? AsJson(this K6Value? value, Secrets? secrets = null)
    {
        switch (value)
        {
            case K6Text { IsNumber: true } text:
                return new DraftText(text.Text.Replace("}", " | raw}", StringComparison.Ordinal));
            case K6Text text:
                return new DraftText(text.Text);
            case K6Plain plain:
                return new DraftPlain(plain.Text);
            case K6Map map:
                var members = new DraftMap();
                foreach (var (name, member, _) in map.Members)
                {
                    if ((secrets is not null && SecretOf(name, member, secrets) is { } secret ? new DraftText(secret) : member.AsJson(secrets)) is not { } node)
                        return null;
                    members.AddData(name, node);
                }

                return members;
            case K6List list:
                var items = new DraftList();
                foreach (var item in list.Items)
                {
                    if (item.AsJson(secrets) is not { } node)
                        return null;
                    items.Add(node);
                }

                return items;
            default:
                return null;
        }
    }

    /// <summary>The variable for the value of a field that nobody may read in a plan; null where it is none, or a variable already.</summary>
    public static string? SecretOf(string name, K6Value value, Secrets secrets) =>
        value is K6Text { IsNumber: false, Text: { Length: > 0 } text } && Secrets.IsSecretField(name) && !text.Contains("${", StringComparison.Ordinal) ? secrets.Field(name, text) : null;
}
