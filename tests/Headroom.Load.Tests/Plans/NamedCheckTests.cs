using Headroom.Load.Plans;

namespace Headroom.Load.Tests.Plans;

public sealed class NamedCheckTests
{
    [Theory]
    [InlineData(37, "😀…")]
    [InlineData(38, "x…")]
    [InlineData(39, "x…")]
    public void Of_LongOperand_IsCutBetweenLetters(int before, string end)
    {
        var name = NamedCheck.Of(ResponsePart.Body, "", CheckOperator.Contains, [new string('x', before) + "😀 and more"]).Name;
        Assert.EndsWith(end, name, StringComparison.Ordinal);
        Assert.DoesNotContain('\uFFFD', System.Text.Encoding.UTF8.GetString(System.Text.Encoding.UTF8.GetBytes(name)));
    }
}
