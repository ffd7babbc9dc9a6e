namespace Headroom.Import.K6;

internal enum JsTokenKind
{
    Name,
    Number,
    Text,
    Template,
    Regex,
    Mark,
    End,
}

/// <param name="Kind">What it is.</param>
/// <param name="Text">Its value: of a text without quotes and escapes, of a template everything between the backticks, of a regular expression the pattern.</param>
/// <param name="Line">From 1.</param>
/// <param name="AfterLineEnd">True for the first of its line, before which a statement may end (ECMA-262 §12.10).</param>
/// <param name="Flags">Of a regular expression.</param>
internal readonly record struct JsToken(JsTokenKind Kind, string Text, int Line, bool AfterLineEnd, string Flags = "");
