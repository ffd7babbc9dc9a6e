using EndToEnd.Performance;

namespace EndToEnd.Scripts;

/// <summary>samples/scripts, started as their first lines say.</summary>
[Collection(nameof(Measuring))]
public sealed class ScriptTests(TunedApi api) : IClassFixture<TunedApi>
{
    private static readonly string Script = RepositoryRoot.Combine("samples", "scripts", "load.cs");

    [Fact]
    public async Task Load_OfOneFile_MeasuresAndLeavesARunFile()
    {
        var folder = Directory.CreateTempSubdirectory("headroom-script-").FullName;
        try
        {
            var file = Path.Combine(folder, "run.json");
            var result = await RunAsync(folder, api.Address.ToString(), file);

            Assert.True(result.ExitCode == 0, result.ToString());
            Assert.Contains("chats: 100 requests in ", result.Output, StringComparison.Ordinal);
            Assert.Equal(100, Headroom.Measurements.RunFileJson.Read(file).Summary.Requests);

            var wrong = await RunAsync(folder);
            Assert.Equal(2, wrong.ExitCode);
            Assert.Contains("usage: ", wrong.Error, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <param name="folder">Without a project, which dotnet would run instead.</param>
    /// <param name="arguments">Of the script.</param>
    private static Task<ShellResult> RunAsync(string folder, params string[] arguments) =>
        ShellCommand.RunAsync("dotnet", ["run", "--configuration", "Release", Script, .. arguments], folder, ("MSBUILDDISABLENODEREUSE", "1"));
}
