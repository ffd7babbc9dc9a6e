using System.Reflection;
using Headroom.Load.Executors;

namespace Headroom.Load.Tests.Executors;

public sealed class HotPathTests
{
    [Fact]
    public void Types_OfTheAssembly_AreAllThatHaveMethodsMarkedForTheWayOfEveryRequest() =>
        Assert.Empty(typeof(HotPath).Assembly.GetTypes()
            .Where(type => HotPath.MethodsOf(type).Any(method => method.MethodImplementationFlags.HasFlag(MethodImplAttributes.AggressiveOptimization)))
            .Except(HotPath.Types));

    [Fact]
    public void Compile_Again_DoesNothing()
    {
        HotPath.Compile();
        HotPath.Compile();
    }
}
