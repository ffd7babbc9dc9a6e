using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Headroom.Load.Plans;

/// <summary>
/// Writes a YAML value of a plan as the JSON body it stands for (YAML 1.2 core schema: plain true, null and numbers are those). A text that is one raw variable and
/// nothing else, <c>${count | raw}</c>, stands without quotes.
/// </summary>
internal sealed class PlanJson
{
    private readonly PlanProblems _problems;
    private readonly bool _hasVariables;

    private PlanJson(PlanProblems problems, bool hasVariables)
    {
        _problems = problems;
        _hasVariables = hasVariables;
    }

    public static (byte[] Body, BodyVariables Variables) Encode(YamlNode node, PlanProblems problems)
    {
        var hasVariables = HasVariables(node);
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { SkipValidation = true }))
            new PlanJson(problems, hasVariables).Write(writer, node);
        return (buffer.WrittenSpan.ToArray(), hasVariables ? BodyVariables.Json : BodyVariables.None);
    }

    private static bool HasVariables(YamlNode node) => node switch
    {
        YamlMappingNode map => map.Children.Values.Any(HasVariables),
        YamlSequenceNode list => list.Children.Any(HasVariables),
        YamlScalarNode scalar => TextTemplate.TryParse(scalar.Value ?? "", out var template, out _) && template.HasVariables,
        _ => false,
    };

    private void Write(Utf8JsonWriter writer, YamlNode node)
    {
        switch (node)
        {
            case YamlMappingNode map:
                writer.WriteStartObject();
                foreach (var (key, value) in map.Children)
                {
                    var name = (key as YamlScalarNode)?.Value ?? key.ToString();
                    writer.WritePropertyName(_hasVariables ? TextTemplate.Escape(name) : name);
                    Write(writer, value);
                }

                writer.WriteEndObject();
                break;
            case YamlSequenceNode list:
                writer.WriteStartArray();
                foreach (var item in list.Children)
                    Write(writer, item);
                writer.WriteEndArray();
                break;
            case YamlScalarNode scalar:
                WriteScalar(writer, scalar);
                break;
        }
    }

    private void WriteScalar(Utf8JsonWriter writer, YamlScalarNode scalar)
    {
        if (!TextTemplate.TryParse(scalar.Value ?? "", out var template, out var error))
        {
            _problems.Add(scalar, error);
            writer.WriteNullValue();
        }
        else if (template.HasVariables)
        {
            var isBare = template.Parts is [{ Filter: ValueFilter.Raw }];
            writer.WriteRawValue(isBare ? scalar.Value! : Quoted(template), skipInputValidation: true);
        }
        else if (scalar.Style is ScalarStyle.Plain or ScalarStyle.Any)
        {
            WritePlain(writer, template.ConstantText);
        }
        else
        {
            WriteText(writer, template.ConstantText);
        }
    }

    /// <summary>What stands between the variables is escaped as JSON; their values are when they are put in.</summary>
    private static string Quoted(TextTemplate template)
    {
        var text = new StringBuilder("\"");
        foreach (var part in template.Parts)
        {
            if (part.Literal is { } literal)
                text.Append(TextTemplate.Escape(JsonEncodedText.Encode(literal).ToString()));
            else
                text.Append(part.ToVariableText());
        }

        return text.Append('"').ToString();
    }

    private void WriteText(Utf8JsonWriter writer, string text) => writer.WriteStringValue(_hasVariables ? TextTemplate.Escape(text) : text);

    private void WritePlain(Utf8JsonWriter writer, string text)
    {
        if (text is "" or "null" or "~")
            writer.WriteNullValue();
        else if (text is "true" or "false")
            writer.WriteBooleanValue(text == "true");
        else if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole))
            writer.WriteNumberValue(whole);
        else if (decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
            writer.WriteNumberValue(number);
        else
            WriteText(writer, text);
    }
}
