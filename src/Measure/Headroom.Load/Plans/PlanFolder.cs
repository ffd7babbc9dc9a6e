namespace Headroom.Load.Plans;

/// <summary>The folder that files of a plan are relative to, and which of them the plan names: nothing that is made from the plan may replace one.</summary>
internal sealed class PlanFolder(string path)
{
    private readonly List<string> _files = [];

    /// <summary>Paths of the files that were asked for, in their order.</summary>
    public IReadOnlyList<string> Files => _files;

    /// <summary>The path of a file that the plan names.</summary>
    /// <param name="file">As it stands in the plan.</param>
    public string PathOf(string file)
    {
        var whole = Path.Combine(path, file);
        if (!_files.Contains(whole))
            _files.Add(whole);
        return whole;
    }
}
