using System.Diagnostics;
using Headroom.Gateway.Tests.Conformance.Table;

namespace Headroom.Gateway.Tests.Conformance;

/// <summary>The table against another cache beside: what it says of nginx is known, so a table that asks for the impossible, or for nothing, shows here.</summary>
public sealed class NginxConformanceTests(ITestOutputHelper output)
{
    [Fact]
    [Trait("Category", "Slow")]
    public async Task Table_OfHeadroomAndNginx_IsWhatTheResultsSay()
    {
        var program = Require.Tool("nginx");
        await using var origin = new ScriptedOrigin();
        await using var nginx = await NginxProxy.StartAsync(program, origin.Address);
        await using var gateway = await GatewayServer.StartAsync(origin.Url);

        var ofNginx = await ConformanceRun.OfAsync(nginx.Url, origin, BehaviourTable.All, TestContext.Current.CancellationToken);
        var ofHeadroom = await ConformanceRun.OfAsync(gateway.Url, origin, BehaviourTable.All, TestContext.Current.CancellationToken);

        output.WriteLine(ConformanceRun.Table(BehaviourTable.All, [("Headroom", ofHeadroom), ("nginx", ofNginx)]));
        output.WriteLine(ofNginx.Failures(BehaviourTable.All, Kind.Required));
        var required = BehaviourTable.All.Count(behaviour => behaviour.Kind == Kind.Required);
        Assert.InRange(ofNginx.Passing(BehaviourTable.All, Kind.Required).Count, required * 6 / 10, required * 8 / 10);

        // Known of nginx for years: it honours max-age, makes no Age, and keeps what an unsafe request should have invalidated.
        Assert.Null(ofNginx.FailureOf("max-age"));
        Assert.NotNull(ofNginx.FailureOf("age-made"));
        Assert.NotNull(ofNginx.FailureOf("invalidate-POST"));
        ConformanceResults.AssertUpToDate(ofHeadroom, ofNginx, await VersionAsync(program));
    }

    private static async Task<string> VersionAsync(string program)
    {
        using var process = Process.Start(new ProcessStartInfo(program, ["-v"]) { RedirectStandardError = true, UseShellExecute = false })!;
        var text = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();

        // nginx version: nginx/1.22.1
        return text[(text.IndexOf(": ", StringComparison.Ordinal) + 2)..].Trim().Split(' ')[0].Replace('/', ' ');
    }
}
