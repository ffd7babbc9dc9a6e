using Headroom.Load.Variants;

namespace Headroom.Load.Tests.Variants;

public sealed class VariantsFileTests
{
    [Fact]
    public void Parse_WholeFile_HasCommandSwitchesAndTheirStates()
    {
        var set = VariantsFile.Parse(
            """
            name: shop
            command: "dotnet Shop.dll --urls {url}"
            ready: /health
            environment: { LOG: "${env.LEVEL:-warn}" }
            switches:
              cache: { environment: { CACHE: "true" }, off: { environment: { CACHE: "false" } } }
              index: { arguments: --index }
            """, "variants.yaml", _ => null);

        Assert.Equal(("shop", "dotnet Shop.dll --urls {url}", "/health", "warn"), (set.Name, set.Command, set.Ready, set.Environment["LOG"]));
        Assert.Equal(["cache", "index"], set.Switches.Select(one => one.Name));
        Assert.Equal(("true", "false"), (set.Switches[0].On.Environment["CACHE"], set.Switches[0].Off.Environment["CACHE"]));
        Assert.Equal(("--index", null), (set.Switches[1].On.Arguments, set.Switches[1].Off.Arguments));
    }

    [Theory]
    [InlineData("", "the file is empty; a variants file has at least 'command' and 'switches'")]
    [InlineData("switches: { a: { arguments: --a } }", "the variants file has no 'command'")]
    [InlineData("command: x", "has no 'switches'")]
    [InlineData("command: x\nswitches: {}", "1 to 50 can be measured")]
    [InlineData("command: x\nswitches: { a: { off: { arguments: --a } } }", "switch 'a' changes nothing")]
    [InlineData("command: x\nswitches: { a: { argument: --a } }", "did you mean 'arguments'?")]
    [InlineData("command: x\nready: health\nswitches: { a: { arguments: --a } }", "must be a path that begins with /")]
    [InlineData("command: x\nswitches: { a: { environment: { X: [ 1 ] } } }", "'X' must be text; found a list")]
    [InlineData("command: x\nswitches: [ a ]", "'switches' must be a mapping")]
    [InlineData("command: [", "not valid YAML")]
    public void Parse_Mistake_SaysWhatToWrite(string text, string expected)
    {
        var error = Assert.Throws<LoadPlanException>(() => VariantsFile.Parse(text, "variants.yaml", _ => null));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.All(error.Problems, problem => Assert.StartsWith("variants.yaml:", problem.ToString(), StringComparison.Ordinal));
    }

    [Fact]
    public void Read_NoFile_SaysSo() =>
        Assert.Contains("no such file", Assert.Throws<LoadPlanException>(() => VariantsFile.Read(Path.Combine(Path.GetTempPath(), "no-variants.yaml"))).Message, StringComparison.Ordinal);
}
