namespace Headroom.Cli.Tests.Plan;

public sealed class PlanCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("headroom-plan-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Check_SeveralFiles_TellsEveryMistakeAndEveryFineOne()
    {
        Write("good.yaml", "target: http://127.0.0.1:1\nrequests: [/a]");
        Write("bad.yaml", "requests: [/a]\nscenarios: { s: { executor: ramping-vus, stages: [] } }\nwrong: 1");
        var result = await HeadroomProcess.RunAsync("plan", "check", In("good.yaml"), In("bad.yaml"), In("none.yaml"));
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("good.yaml: fine: 1 request, 3 scenarios; 22s", result.Output, StringComparison.Ordinal);
        Assert.Contains("bad.yaml:1:12: url '/a' is relative", result.Error, StringComparison.Ordinal);
        Assert.Contains("bad.yaml:2:", result.Error, StringComparison.Ordinal);
        Assert.Contains("bad.yaml:3:1: unknown key 'wrong'", result.Error, StringComparison.Ordinal);
        Assert.Contains("none.yaml: ", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_BaseUrl_TakesThePlaceOfTheTarget()
    {
        Write("plan.yaml", "requests: [/a]");
        Assert.Equal(0, (await HeadroomProcess.RunAsync("plan", "check", In("plan.yaml"), "--base-url", "http://127.0.0.1:1")).ExitCode);
    }

    [Fact]
    public async Task Show_FineFile_SaysWhatIsSentAndSendsNothing()
    {
        Write("plan.yaml", "target: http://127.0.0.1:1\nrequests: [/a]\nscenarios: { s: { executor: constant-vus, vus: 3, duration: 10s } }");
        var result = await HeadroomProcess.RunAsync("plan", "show", In("plan.yaml"));
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.Contains("s: 3 VUs for 10s", result.Output, StringComparison.Ordinal);
        Assert.Contains("100.0%  GET /a", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Show_FileWithMistakes_TellsThem()
    {
        Write("plan.yaml", "target: http://127.0.0.1:1\nrequests: ['/a/${id}']");
        var result = await HeadroomProcess.RunAsync("plan", "show", In("plan.yaml"));
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("plan.yaml:2:12: url of request 'GET /a/${id}' uses '${id}', which nothing sets", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_EverySample_IsFine()
    {
        var samples = Directory.GetFiles(RepositoryRoot.Combine("samples", "plans"), "*.yaml");
        Assert.NotEmpty(samples);
        var result = await HeadroomProcess.RunAsync(["plan", "check", .. samples]);
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
    }

    private string In(string name) => Path.Combine(_folder, name);

    private void Write(string name, string text) => File.WriteAllText(In(name), text);
}
