using System.Globalization;

namespace Headroom.Import.K6;

/// <summary>Expressions (ECMA-262 §13), by precedence climbing.</summary>
internal sealed partial class JsParser
{
    private static readonly Dictionary<string, int> Precedence = new(StringComparer.Ordinal)
    {
        ["??"] = 1, ["||"] = 2, ["&&"] = 3, ["|"] = 4, ["^"] = 5, ["&"] = 6, ["=="] = 7, ["!="] = 7, ["==="] = 7, ["!=="] = 7, ["<"] = 8, [">"] = 8, ["<="] = 8, [">="] = 8, ["in"] = 8, ["instanceof"] = 8,
        ["<<"] = 9, [">>"] = 9, [">>>"] = 9, ["+"] = 10, ["-"] = 10, ["*"] = 11, ["/"] = 11, ["%"] = 11, ["**"] = 12,
    };

    private JsNode Sequence()
    {
        var first = Assignment();
        while (Take(","))
            first = Assignment();
        return first;
    }

    private JsNode Assignment()
    {
        if (++_depth > DepthMost)
            throw new FormatException(FormattableString.Invariant($"{Now.Line}:expressions are nested deeper than {DepthMost}"));
        try
        {
            if (ArrowFunction() is { } function)
                return function;
            var left = Conditional();
            if (Now.Kind == JsTokenKind.Mark && Now.Text.EndsWith('=') && Now.Text is not ("==" or "===" or "!=" or "!==" or "<=" or ">=" or "=>"))
            {
                var mark = Next().Text;
                return new JsAssignment(left.Line, mark, left, Assignment());
            }

            return left;
        }
        finally
        {
            _depth--;
        }
    }

    // name => …, (a, b) => …, async … => …: found by looking for the arrow behind the parameters.
    private JsFunction? ArrowFunction()
    {
        var start = _at;
        var line = Now.Line;
        if (Now is { Kind: JsTokenKind.Name, Text: "async" } && (Following.Kind == JsTokenKind.Name || Follows("(")))
            _at++;
        var parameters = new List<string>();
        if (Now.Kind == JsTokenKind.Name && Follows("=>"))
            parameters.Add(Next().Text);
        else if (Is("(") && ArrowBehindParentheses())
        {
            parameters.AddRange(Parameters());
            SkipAnnotation();
        }

        if (!Take("=>"))
        {
            _at = start;
            return null;
        }

        if (Take("{"))
            return new JsFunction(line, parameters, Rest("}"));
        var value = Assignment();
        return new JsFunction(line, parameters, [new JsReturn(value.Line, value)]);
    }

    private bool ArrowBehindParentheses()
    {
        var open = 0;
        for (var at = _at; tokens[at].Kind != JsTokenKind.End; at++)
        {
            if (tokens[at].Kind != JsTokenKind.Mark)
                continue;
            open += tokens[at].Text is "(" or "{" or "[" ? 1 : tokens[at].Text is ")" or "}" or "]" ? -1 : 0;
            if (open == 0)
                return tokens[at + 1] is { Kind: JsTokenKind.Mark, Text: "=>" } || (isTypeScript && IsArrowBehindAnnotation(at + 1));
        }

        return false;
    }

    private JsFunction FunctionRest(int line)
    {
        if (isTypeScript && Is("<"))
            SkipTypeArguments();
        var parameters = Parameters();
        SkipAnnotation();
        Expect("{");
        return new JsFunction(line, parameters, Rest("}"));
    }

    // Names only; what has a default or is taken apart keeps its place without a name.
    private List<string> Parameters()
    {
        Expect("(");
        var names = new List<string>();
        while (!Take(")"))
        {
            if (Now.Kind == JsTokenKind.End)
                throw new FormatException(FormattableString.Invariant($"{Now.Line}:the script ends where ')' is missing"));
            Take("...");
            if (Is("{") || Is("["))
            {
                SkipBrackets();
                names.Add("");
            }
            else
                names.Add(Next().Text);
            SkipAnnotation();
            if (Take("="))
                Assignment();
            Take(",");
        }

        return names;
    }

    private JsNode Conditional()
    {
        var condition = Binary(1);
        if (!Take("?"))
            return condition;
        var then = Assignment();
        Expect(":");
        return new JsConditional(condition.Line, condition, then, Assignment());
    }

    private JsNode Binary(int least)
    {
        var left = Unary();
        while (Now.Kind is JsTokenKind.Mark or JsTokenKind.Name && Precedence.TryGetValue(Now.Text, out var precedence) && precedence >= least)
        {
            var mark = Next().Text;
            left = new JsBinary(left.Line, mark, left, Binary(mark == "**" ? precedence : precedence + 1));
        }

        return left;
    }

    private JsNode Unary()
    {
        var line = Now.Line;
        if ((Now.Kind == JsTokenKind.Mark && Now.Text is "!" or "-" or "+" or "~" or "++" or "--") || (Now.Kind == JsTokenKind.Name && Now.Text is "typeof" or "void" or "delete"))
            return new JsUnary(line, Next().Text, Unary());
        if (TakeWord("await"))
            return Unary();
        var operand = Postfix(Primary());
        SkipAssertions();
        return Is("++") || Is("--") ? new JsUnary(line, Next().Text, operand) : operand;
    }

    private JsNode Postfix(JsNode node)
    {
        while (true)
        {
            if (Take(".") || Take("?."))
            {
                if (Now.Kind == JsTokenKind.Name)
                    node = new JsMember(node.Line, node, Next().Text);
                else if (!Is("(") && !Is("["))
                    throw new UnknownSyntaxException($"'{Now.Text}' behind a dot");
            }
            else if (Take("["))
            {
                node = new JsIndex(node.Line, node, Sequence());
                Expect("]");
            }
            else if (Is("("))
                node = new JsCall(node.Line, node, Arguments());
            else if (Now.Kind == JsTokenKind.Template && node is JsMember { Object: JsName { Name: "http" }, Name: "url" })
                // Names the request by its template, as names of the report are made anyway.
                node = Template(Next());
            else if (Now.Kind == JsTokenKind.Template)
                throw new UnknownSyntaxException("a tagged template");
            else if (isTypeScript && (SkipNotNull() || SkipTypeArgumentsOfCall()))
                continue;
            else
                return node;
        }
    }

    private List<JsNode> Arguments()
    {
        Expect("(");
        var arguments = new List<JsNode>();
        while (!Take(")"))
        {
            arguments.Add(Take("...") ? new JsUnknown(Now.Line, "spread arguments " + Assignment().GetType().Name) : Assignment());
            if (!Take(",") && !Is(")"))
                throw new UnknownSyntaxException($"'{Now.Text}' among arguments");
        }

        return arguments;
    }

    private JsNode Primary()
    {
        var token = Next();
        switch (token.Kind)
        {
            case JsTokenKind.Text:
                return new JsText(token.Line, token.Text);
            case JsTokenKind.Number:
                return Number(token);
            case JsTokenKind.Template:
                return Template(token);
            case JsTokenKind.Regex:
                return new JsRegex(token.Line, token.Text, token.Flags);
            case JsTokenKind.Name:
                return Named(token);
            case JsTokenKind.Mark when token.Text == "(":
                var inner = Sequence();
                Expect(")");
                return inner;
            case JsTokenKind.Mark when token.Text == "[":
                return ArrayRest(token.Line);
            case JsTokenKind.Mark when token.Text == "{":
                return ObjectRest(token.Line);
            default:
                _at--;
                throw new UnknownSyntaxException(token.Kind == JsTokenKind.End ? "the end of the script" : $"'{token.Text}'");
        }
    }

    private static JsNumber Number(JsToken token)
    {
        var text = token.Text;
        if (text.Length > 1 && text[0] == '0' && text[1] is 'x' or 'X')
            return new JsNumber(token.Line, long.TryParse(text.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var hex) ? hex : 0, text);
        return new JsNumber(token.Line, double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : throw new UnknownSyntaxException($"the number '{text}'"), text);
    }

    private JsTemplate Template(JsToken token)
    {
        var (texts, expressions) = JsLexer.Split(token.Text);
        return new JsTemplate(token.Line, texts, [.. expressions.Select(expression => new JsParser(new JsLexer(expression, token.Line).Read(), isTypeScript).Sequence())]);
    }

    private JsNode Named(JsToken token)
    {
        switch (token.Text)
        {
            case "true" or "false" or "null" or "undefined":
                return new JsWord(token.Line, token.Text);
            case "function":
                Take("*");
                if (Now.Kind == JsTokenKind.Name)
                    _at++;
                return FunctionRest(token.Line);
            case "async" when Now is { Kind: JsTokenKind.Name, Text: "function" }:
                _at++;
                return FunctionRest(token.Line);
            case "new":
                var type = (JsNode)new JsName(Now.Line, Next().Text);
                while (Take("."))
                    type = new JsMember(type.Line, type, Next().Text);
                if (isTypeScript)
                    SkipTypeArgumentsOfCall();
                return new JsNew(token.Line, type, Is("(") ? Arguments() : []);
            case "class" or "yield":
                throw new UnknownSyntaxException(token.Text);
            default:
                return new JsName(token.Line, token.Text);
        }
    }

    private JsArray ArrayRest(int line)
    {
        var items = new List<JsNode>();
        while (!Take("]"))
        {
            if (Take(","))
                continue;
            items.Add(Take("...") ? new JsUnknown(Now.Line, "spread items " + Assignment().GetType().Name) : Assignment());
            if (!Is("]"))
                Expect(",");
        }

        return new JsArray(line, items);
    }

    private JsObject ObjectRest(int line)
    {
        var members = new List<(string?, JsNode)>();
        while (!Take("}"))
        {
            members.Add(Member());
            if (!Is("}"))
                Expect(",");
        }

        return new JsObject(line, members);
    }

    private (string? Name, JsNode Value) Member()
    {
        if (Take("..."))
            return (null, Assignment());
        if (Take("["))
        {
            var computed = Sequence();
            Expect("]");
            Expect(":");
            var value = Assignment();
            return computed is JsText text ? (text.Value, value) : ("", new JsUnknown(computed.Line, "a computed name"));
        }

        var name = Next();
        if (name.Kind is not (JsTokenKind.Name or JsTokenKind.Text or JsTokenKind.Number))
            throw new UnknownSyntaxException($"'{name.Text}' as a name");
        if (Take(":"))
            return (name.Text, Assignment());
        if (Is("("))
            return (name.Text, FunctionRest(name.Line));
        // async f() {}, get f() {}
        if (Now.Kind == JsTokenKind.Name && Follows("("))
            return (Next().Text, FunctionRest(name.Line));
        return (name.Text, new JsName(name.Line, name.Text));
    }
}
