namespace Headroom.Import.K6;

/// <summary>What TypeScript adds to a script, passed over: types change nothing of what is sent. Only in scripts that are TypeScript, because some of it means something else in JavaScript.</summary>
internal sealed partial class JsParser
{
    /// <summary>A statement that declares types only; passed over when it is one.</summary>
    private bool IsOfTypes()
    {
        var start = _at;
        TakeWord("export");
        TakeWord("declare");
        if (Now.Text == "import" && Following.Text == "type")
            Import(Now.Line);
        else if (Now.Text == "interface" && Following.Kind == JsTokenKind.Name)
        {
            while (!Is("{") && Now.Kind != JsTokenKind.End)
                _at++;
            SkipBrackets();
        }
        else if (Now.Text == "type" && Following.Kind == JsTokenKind.Name)
        {
            _at += 2;
            if (Is("<"))
                SkipTypeArguments();
            Expect("=");
            SkipType();
            Take(";");
        }
        else
        {
            _at = start;
            return false;
        }

        return true;
    }

    /// <summary>Behind a name, parameters or a pattern: <c>?: T</c>, <c>!: T</c>, <c>: T</c>.</summary>
    private void SkipAnnotation()
    {
        if (!isTypeScript)
            return;
        if ((Is("?") || Is("!")) && (Follows(":") || Follows(",") || Follows(")")))
            _at++;
        if (Take(":"))
            SkipType();
    }

    /// <summary>Behind a value: <c>as T</c>, <c>satisfies T</c>.</summary>
    private void SkipAssertions()
    {
        while (isTypeScript && Now is { Kind: JsTokenKind.Name, Text: "as" or "satisfies", AfterLineEnd: false })
        {
            _at++;
            SkipType();
        }
    }

    private bool SkipNotNull() => !Now.AfterLineEnd && Take("!");

    /// <summary><c>&lt;T&gt;</c> before an argument list; a comparison is left alone.</summary>
    private bool SkipTypeArgumentsOfCall()
    {
        var start = _at;
        if (!Is("<"))
            return false;
        try
        {
            SkipTypeArguments();
            if (Is("("))
                return true;
        }
        catch (UnknownSyntaxException)
        {
            // A comparison.
        }

        _at = start;
        return false;
    }

    private bool IsArrowBehindAnnotation(int at)
    {
        var start = _at;
        _at = at;
        try
        {
            if (!Take(":"))
                return false;
            SkipType();
            return Is("=>");
        }
        catch (UnknownSyntaxException)
        {
            return false;
        }
        finally
        {
            _at = start;
        }
    }

    private void SkipType()
    {
        if (++_depth > DepthMost)
            throw new FormatException(FormattableString.Invariant($"{Now.Line}:types are nested deeper than {DepthMost}"));
        try
        {
            do
                SkipMemberOfUnion();
            while (Is("|") || Is("&"));
        }
        finally
        {
            _depth--;
        }
    }

    private void SkipMemberOfUnion()
    {
        // A leading bar, as long unions are written.
        if (!Take("|"))
            Take("&");
        while (Now is { Kind: JsTokenKind.Name, Text: "keyof" or "typeof" or "readonly" or "unique" or "infer" or "asserts" })
            _at++;
        var isFunction = Is("(");
        if (Is("(") || Is("{") || Is("["))
            SkipBrackets();
        else if (Now.Kind is JsTokenKind.Name or JsTokenKind.Text or JsTokenKind.Number or JsTokenKind.Template)
            _at++;
        else
            throw new UnknownSyntaxException($"'{Now.Text}' as a type");
        while (Take("."))
            _at++;
        if (Is("<"))
            SkipTypeArguments();
        while (Is("[") && !Now.AfterLineEnd)
            SkipBrackets();
        if ((isFunction && Take("=>")) || (!Now.AfterLineEnd && TakeWord("is")))
            SkipType();
    }

    private void SkipTypeArguments()
    {
        var open = 0;
        do
        {
            if (Is("{") || Is("(") || Is("["))
            {
                SkipBrackets();
                continue;
            }

            if (Now.Kind == JsTokenKind.End || (Now.Kind == JsTokenKind.Mark && Now.Text is not ("<" or ">" or ">>" or ">>>" or "," or "." or "|" or "&" or "=>" or "?" or ":" or "=")))
                throw new UnknownSyntaxException($"'{Now.Text}' among types");
            open += Now.Kind != JsTokenKind.Mark ? 0 : Now.Text switch { "<" => 1, ">" => -1, ">>" => -2, ">>>" => -3, _ => 0 };
            _at++;
        }
        while (open > 0);
    }
}
