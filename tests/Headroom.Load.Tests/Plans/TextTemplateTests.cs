using FsCheck;
using FsCheck.Fluent;
using Headroom.Load.Plans;

namespace Headroom.Load.Tests.Plans;

public sealed class TextTemplateTests
{
    [Fact]
    public void TryParse_LiteralsAndVariables_AreOrderedParts()
    {
        var template = Parse("/users/${id}/chats?q=${users.email | url}&n=${random(1, 100)}&t=$");
        Assert.Equal(
            [
                Literal("/users/"), Variable("id"), Literal("/chats?q="), Variable("users.email", ValueFilter.Url), Literal("&n="),
                new TemplatePart(null, TemplateVariable.Random, "", 1, 100, ValueFilter.Default), Literal("&t=$"),
            ],
            template.Parts);
        Assert.True(template.HasVariables);
        Assert.Equal(["id", "users.email"], template.VariableNames);
    }

    [Theory]
    [InlineData("${vu}", (int)TemplateVariable.Vu)]
    [InlineData("${ iteration }", (int)TemplateVariable.Iteration)]
    [InlineData("${uuid}", (int)TemplateVariable.Uuid)]
    [InlineData("${timestamp}", (int)TemplateVariable.Timestamp)]
    public void TryParse_BuiltIn_NeedsNoValue(string text, int kind)
    {
        var template = Parse(text);
        Assert.Equal((TemplateVariable)kind, Assert.Single(template.Parts).Kind);
        Assert.Empty(template.VariableNames);
    }

    [Theory]
    [InlineData("raw", (int)ValueFilter.Raw)]
    [InlineData("url", (int)ValueFilter.Url)]
    [InlineData("json", (int)ValueFilter.Json)]
    [InlineData("base64", (int)ValueFilter.Base64)]
    public void TryParse_Filter_IsRead(string word, int filter)
        => Assert.Equal(Variable("a", (ValueFilter)filter), Assert.Single(Parse($"${{a|{word}}}").Parts));

    [Theory]
    [InlineData("", "")]
    [InlineData("plain", "plain")]
    [InlineData("$${id}", "${id}")]
    [InlineData("$5 and $", "$5 and $")]
    [InlineData("a${$}{b}", "a${b}")]
    public void TryParse_NoVariable_IsConstantText(string text, string constant)
    {
        var template = Parse(text);
        Assert.False(template.HasVariables);
        Assert.Equal(constant, template.ConstantText);
        Assert.True(template.Parts.Count <= 1);
    }

    [Theory]
    [InlineData("${", "no closing brace")]
    [InlineData("${}", "names no variable")]
    [InlineData("${a b}", "cannot name a variable")]
    [InlineData("${1a}", "cannot name a variable")]
    [InlineData("${users.}", "cannot name a variable")]
    [InlineData("${a|upper}", "'upper' in '${a|upper}' is not a filter; allowed: raw, url, json, base64")]
    [InlineData("${random}", "write ${random(1,100)}")]
    [InlineData("${random(5,1)}", "the lower first")]
    [InlineData("${random(1)}", "two whole numbers")]
    [InlineData("${env.HOST}", "read with a plan file only")]
    public void TryParse_Mistake_SaysWhatIsAllowed(string text, string expected)
    {
        Assert.False(TextTemplate.TryParse(text, out var template, out var error));
        Assert.Null(template);
        Assert.Contains(expected, error, StringComparison.Ordinal);
    }

    [Fact]
    public void Escape_AnyText_ParsesBackToItselfBetweenAnyNeighbours()
    {
        var text = Gen.Elements('$', '{', '}', 'a', '|').ListOf().Select(letters => string.Concat(letters));
        Prop.ForAll(text.ToArbitrary(), value =>
        {
            var template = Parse("x" + TextTemplate.Escape(value) + "{y}");
            return !template.HasVariables && template.ConstantText == "x" + value + "{y}";
        }).QuickCheckThrowOnFailure();
    }

    private static TextTemplate Parse(string text)
    {
        Assert.True(TextTemplate.TryParse(text, out var template, out var error), error);
        return template;
    }

    private static TemplatePart Literal(string text) => new(text, default, "", 0, 0, default);

    private static TemplatePart Variable(string name, ValueFilter filter = default) => new(null, TemplateVariable.Named, name, 0, 0, filter);
}
