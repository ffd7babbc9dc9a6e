namespace ReferenceApi.Data.DataSets;

/// <summary>Where the preparation of a data set tells people what it does.</summary>
/// <param name="Writer">Usually standard error: standard output carries the address line alone.</param>
/// <param name="IsTerminal">Whether a line may be drawn over.</param>
internal sealed record BuildOutput(TextWriter Writer, bool IsTerminal)
{
    public void Say(string line) => Writer.WriteLine(line);

    public BuildProgress Progress(string subject, TimeProvider time) => new(Writer, IsTerminal, time, subject);
}
