namespace Headroom.Import.K6;

// The part of ECMAScript's syntax that k6 scripts are made of. What a parser does not know becomes JsUnknown, with its line, and is told.
internal abstract record JsNode(int Line);

internal sealed record JsUnknown(int Line, string What) : JsNode(Line);

internal sealed record JsText(int Line, string Value) : JsNode(Line);

internal sealed record JsNumber(int Line, double Value, string Source) : JsNode(Line);

internal sealed record JsWord(int Line, string Value) : JsNode(Line);

/// <summary>Texts and expressions in turn, beginning and ending with a text.</summary>
internal sealed record JsTemplate(int Line, IReadOnlyList<string> Texts, IReadOnlyList<JsNode> Expressions) : JsNode(Line);

internal sealed record JsRegex(int Line, string Pattern, string Flags) : JsNode(Line);

internal sealed record JsName(int Line, string Name) : JsNode(Line);

internal sealed record JsMember(int Line, JsNode Object, string Name) : JsNode(Line);

internal sealed record JsIndex(int Line, JsNode Object, JsNode Index) : JsNode(Line);

internal sealed record JsCall(int Line, JsNode Function, IReadOnlyList<JsNode> Arguments) : JsNode(Line);

internal sealed record JsNew(int Line, JsNode Type, IReadOnlyList<JsNode> Arguments) : JsNode(Line);

/// <summary>Members in their order; one without a name is spread.</summary>
internal sealed record JsObject(int Line, IReadOnlyList<(string? Name, JsNode Value)> Members) : JsNode(Line);

internal sealed record JsArray(int Line, IReadOnlyList<JsNode> Items) : JsNode(Line);

internal sealed record JsFunction(int Line, IReadOnlyList<string> Parameters, IReadOnlyList<JsStatement> Body) : JsNode(Line);

internal sealed record JsUnary(int Line, string Operator, JsNode Operand) : JsNode(Line);

internal sealed record JsBinary(int Line, string Operator, JsNode Left, JsNode Right) : JsNode(Line);

internal sealed record JsConditional(int Line, JsNode Condition, JsNode Then, JsNode Else) : JsNode(Line);

internal sealed record JsAssignment(int Line, string Operator, JsNode Target, JsNode Value) : JsNode(Line);

internal abstract record JsStatement(int Line);

internal sealed record JsExpressionStatement(int Line, JsNode Expression) : JsStatement(Line);

internal sealed record JsVariable(int Line, string? Name, JsNode? Value) : JsStatement(Line);

internal sealed record JsFunctionDeclaration(int Line, string Name, JsFunction Function) : JsStatement(Line);

internal sealed record JsReturn(int Line, JsNode? Value) : JsStatement(Line);

internal sealed record JsBlock(int Line, IReadOnlyList<JsStatement> Statements) : JsStatement(Line);

/// <summary>if, for, while, do, switch: what it is, its condition where it has one, and what is in it.</summary>
internal sealed record JsControl(int Line, string Keyword, JsNode? Condition, IReadOnlyList<JsStatement> Body) : JsStatement(Line);

internal sealed record JsImport(int Line, string Module, IReadOnlyList<(string Exported, string Local)> Names) : JsStatement(Line);
