namespace Headroom.Import.K6;

/// <summary>
/// Reads a script's statements. A statement with something that is not known here becomes a <see cref="JsUnknown"/>, and reading goes on behind it: a script is told line by line, not refused.
/// </summary>
internal sealed partial class JsParser(IReadOnlyList<JsToken> tokens, bool isTypeScript = false)
{
    private const int DepthMost = 200;

    private int _at;
    private int _depth;

    private JsToken Now => tokens[Math.Min(_at, tokens.Count - 1)];

    private JsToken Following => tokens[Math.Min(_at + 1, tokens.Count - 1)];

    /// <param name="script">The script.</param>
    /// <param name="isTypeScript">Whether it has types, which are passed over.</param>
    public static IReadOnlyList<JsStatement> Parse(string script, bool isTypeScript) => new JsParser(new JsLexer(script).Read(), isTypeScript).Program();

    private List<JsStatement> Program()
    {
        var statements = new List<JsStatement>();
        while (Now.Kind != JsTokenKind.End)
            statements.Add(Guarded());
        return statements;
    }

    // One statement; on what is not known, everything up to its end.
    private JsStatement Guarded()
    {
        var start = _at;
        var depth = _depth;
        try
        {
            return Statement();
        }
        catch (UnknownSyntaxException unknown)
        {
            _depth = depth;
            _at = start;
            SkipStatement();
            return new JsExpressionStatement(tokens[start].Line, new JsUnknown(tokens[start].Line, unknown.Message));
        }
    }

    private void SkipStatement()
    {
        var open = 0;
        var first = _at;
        while (Now.Kind != JsTokenKind.End)
        {
            if (open == 0 && _at > first && (Now.AfterLineEnd || Is("}")))
                return;
            var token = Next();
            if (token.Kind != JsTokenKind.Mark)
                continue;
            open += token.Text switch { "{" or "(" or "[" => 1, "}" or ")" or "]" => -1, _ => 0 };
            if (open <= 0 && token.Text is ";" or "}")
                return;
        }
    }

    private JsStatement Statement()
    {
        var line = Now.Line;
        if (Take("{"))
            return new JsBlock(line, Rest("}"));
        if (Take(";"))
            return new JsBlock(line, []);
        if (Now.Kind != JsTokenKind.Name)
            return Ended(new JsExpressionStatement(line, Sequence()));
        if (isTypeScript && IsOfTypes())
            return new JsBlock(line, []);
        switch (Now.Text)
        {
            case "import" when !Follows("(") && !Follows("."):
                return Import(line);
            case "export":
                return Export();
            case "const" or "let" or "var":
                return Ended(Variables(line));
            case "function":
            case "async" when Following.Text == "function":
                return Function(line, "");
            case "return":
                _at++;
                return Ended(new JsReturn(line, Is(";") || Is("}") || Now.AfterLineEnd || Now.Kind == JsTokenKind.End ? null : Sequence()));
            case "if" or "for" or "while" or "do" or "switch" or "try":
                return Control(line);
            case "throw" or "break" or "continue" or "class" or "debugger":
                throw new UnknownSyntaxException(Now.Text);
            default:
                return Ended(new JsExpressionStatement(line, Sequence()));
        }
    }

    private JsStatement Control(int line)
    {
        var keyword = Next().Text;
        JsNode? condition = null;
        var body = new List<JsStatement>();
        switch (keyword)
        {
            case "if" or "while":
                Expect("(");
                condition = Sequence();
                Expect(")");
                body.Add(Guarded());
                if (keyword == "if" && TakeWord("else"))
                    body.Add(new JsControl(Now.Line, "else", null, [Guarded()]));
                break;
            case "for":
                TakeWord("await");
                SkipParentheses();
                body.Add(Guarded());
                break;
            case "do":
                body.Add(Guarded());
                TakeWord("while");
                SkipParentheses();
                break;
            case "try":
                Expect("{");
                body.AddRange(Rest("}"));
                if (TakeWord("catch"))
                {
                    if (Is("("))
                        SkipParentheses();
                    Expect("{");
                    Rest("}");
                }

                if (TakeWord("finally"))
                {
                    Expect("{");
                    body.AddRange(Rest("}"));
                }

                return new JsBlock(line, body);
            default:
                SkipParentheses();
                Expect("{");
                for (var open = 1; open > 0 && Now.Kind != JsTokenKind.End; _at++)
                    open += Is("{") ? 1 : Is("}") ? -1 : 0;
                break;
        }

        return new JsControl(line, keyword, condition, body);
    }

    private JsImport Import(int line)
    {
        _at++;
        var names = new List<(string, string)>();
        while (Now.Kind is not (JsTokenKind.Text or JsTokenKind.End))
        {
            if (Take("*"))
            {
                TakeWord("as");
                names.Add(("*", Next().Text));
            }
            else if (Take("{"))
            {
                while (!Take("}") && Now.Kind != JsTokenKind.End)
                {
                    var exported = Next().Text;
                    names.Add((exported, TakeWord("as") ? Next().Text : exported));
                    Take(",");
                }
            }
            else if (Now is { Kind: JsTokenKind.Name, Text: not "from" })
                names.Add(("default", Next().Text));
            else
                _at++;
        }

        var module = Now.Kind == JsTokenKind.Text ? Next().Text : "";
        return Ended(new JsImport(line, module, names));
    }

    private JsStatement Export()
    {
        var line = Next().Line;
        if (!TakeWord("default"))
            return Is("{") || Is("*") ? throw new UnknownSyntaxException("export of names") : Statement();
        if (Now is { Kind: JsTokenKind.Name, Text: "function" } || (Now.Text == "async" && Following.Text == "function"))
            return Function(line, "default");
        return Ended(new JsVariable(line, "default", Assignment()));
    }

    private JsFunctionDeclaration Function(int line, string name)
    {
        TakeWord("async");
        _at++;
        Take("*");
        if (Now.Kind == JsTokenKind.Name)
        {
            var own = Next().Text;
            name = name.Length == 0 ? own : name;
        }

        return new JsFunctionDeclaration(line, name, FunctionRest(line));
    }

    private JsStatement Variables(int line)
    {
        _at++;
        var variables = new List<JsStatement>();
        do
        {
            string? name = null;
            if (Now.Kind == JsTokenKind.Name)
                name = Next().Text;
            else if (Is("{") || Is("["))
                SkipBrackets();
            else
                throw new UnknownSyntaxException("a declaration");
            SkipAnnotation();
            variables.Add(new JsVariable(line, name, Take("=") ? Assignment() : null));
        }
        while (Take(","));
        return variables.Count == 1 ? variables[0] : new JsBlock(line, variables);
    }

    private List<JsStatement> Rest(string end)
    {
        var statements = new List<JsStatement>();
        while (!Take(end))
        {
            if (Now.Kind == JsTokenKind.End)
                throw new FormatException(FormattableString.Invariant($"{Now.Line}:the script ends where '{end}' is missing"));
            statements.Add(Guarded());
        }

        return statements;
    }

    // §12.10: a semicolon, the end of a block or of the line ends a statement.
    private T Ended<T>(T statement)
    {
        if (Take(";") || Is("}") || Now.AfterLineEnd || Now.Kind == JsTokenKind.End)
            return statement;
        throw new UnknownSyntaxException($"'{Now.Text}'");
    }

    private void SkipParentheses()
    {
        if (!Is("("))
            throw new UnknownSyntaxException($"'{Now.Text}'");
        SkipBrackets();
    }

    private void SkipBrackets()
    {
        var open = 0;
        do
        {
            if (Now.Kind == JsTokenKind.End)
                throw new FormatException(FormattableString.Invariant($"{Now.Line}:the script ends where a bracket is open"));
            if (Now.Kind == JsTokenKind.Mark)
                open += Now.Text is "{" or "(" or "[" ? 1 : Now.Text is "}" or ")" or "]" ? -1 : 0;
            _at++;
        }
        while (open > 0);
    }

    private JsToken Next() => tokens[Math.Min(_at++, tokens.Count - 1)];

    private bool Is(string mark) => Now.Kind == JsTokenKind.Mark && Now.Text == mark;

    private bool Follows(string mark) => Following is { Kind: JsTokenKind.Mark } next && next.Text == mark;

    private bool Take(string mark)
    {
        if (!Is(mark))
            return false;
        _at++;
        return true;
    }

    private bool TakeWord(string word)
    {
        if (Now.Kind != JsTokenKind.Name || Now.Text != word)
            return false;
        _at++;
        return true;
    }

    private void Expect(string mark)
    {
        if (!Take(mark))
            throw new UnknownSyntaxException($"'{Now.Text}' where '{mark}' is expected");
    }

    /// <summary>Ends a statement's reading; never leaves the parser.</summary>
    private sealed class UnknownSyntaxException(string message) : Exception(message);
}
