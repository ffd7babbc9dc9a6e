using FsCheck.Fluent;
using Headroom.Load;

namespace Headroom.Import.Tests;

/// <summary>Whatever a source holds, there comes a plan that is read, or one that says by line what is wrong with it, or an error: never a crash.</summary>
internal static class Sources
{
    public static void AreReadOrRefused(ITestOutputHelper output, string[] fragments, Func<string, ImportedPlan> import) =>
        Property.Check(output, Gen.Elements(fragments).ArrayOf().Select(static parts => string.Concat(parts)), text => IsReadOrRefused(text, import), runs: 500);

    private static bool IsReadOrRefused(string text, Func<string, ImportedPlan> import)
    {
        try
        {
            var plan = import(text);
            LoadPlanFile.Parse(plan.Yaml, "plan", Path.GetTempPath(), baseUrl: null, static _ => "value");
        }
        catch (ImportException)
        {
            // Said in a sentence.
        }
        catch (LoadPlanException mistakes)
        {
            // A url that none can be made of, a file that is not there: told by line. YAML that is none is a fault of the import.
            Assert.DoesNotContain(mistakes.Problems, static problem => problem.ToString().Contains("YAML", StringComparison.Ordinal));
        }

        return true;
    }
}
