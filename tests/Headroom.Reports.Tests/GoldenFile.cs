namespace Headroom.Reports.Tests;

/// <summary>Whole outputs as they were last judged good. <c>HEADROOM_UPDATE_GOLDEN=1</c> writes them anew; then read the diff.</summary>
internal static class GoldenFile
{
    public static void AssertEqual(string name, string actual)
    {
        var path = RepositoryRoot.Combine("tests", "Headroom.Reports.Tests", "Golden", name);
        if (Environment.GetEnvironmentVariable("HEADROOM_UPDATE_GOLDEN") == "1")
            File.WriteAllText(path, actual);

        Assert.True(File.Exists(path), $"There is no {name}; HEADROOM_UPDATE_GOLDEN=1 writes it.");
        Assert.Equal(File.ReadAllText(path), actual, ignoreLineEndingDifferences: true);
    }
}
