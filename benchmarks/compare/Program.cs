using System.Globalization;
using Headroom.Compare.Benchmarks;

// condense SESSION.json OUT.csv: the figures of every run of a session, a line each.
// simulate FOLDER SESSIONS SEED: what the whole chain of headroom compare says of sessions drawn from the recorded ones; a Markdown table on standard output.
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
switch (args)
{
    case ["condense", var session, var file]:
        RecordedSession.Condense(session, file);
        return 0;
    case ["simulate", var folder, var sessions, var seed]:
        Simulation.Run(folder, int.Parse(sessions, CultureInfo.InvariantCulture), int.Parse(seed, CultureInfo.InvariantCulture), Console.Out);
        return 0;
    default:
        Console.Error.WriteLine("write: condense SESSION.json OUT.csv, or: simulate FOLDER SESSIONS SEED");
        return 2;
}
