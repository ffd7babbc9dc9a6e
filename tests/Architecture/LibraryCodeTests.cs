using System.Reflection;
using Architecture.Rules;

namespace Architecture;

/// <summary>What the built assemblies of the libraries call and show. This project references all of src, so they lie beside its own.</summary>
public sealed class LibraryCodeTests
{
    public static TheoryData<string> Libraries => [.. Repository.OfThisBuild.Projects.Where(project => project.Area is "src/Measure" or "src/Optimize").Select(project => project.Name)];

    [Theory]
    [MemberData(nameof(Libraries))]
    public void ForbiddenCalls_Library_None(string library) => RuleAssert.Holds(ForbiddenCalls.Violations(Built(library)));

    [Theory]
    [MemberData(nameof(Libraries))]
    public void PublicTypes_Library_SealedAbstractOrStatic(string library) => RuleAssert.Holds(PublicTypes.Violations(Assembly.LoadFrom(Built(library))));

    [Fact]
    public void ForbiddenCalls_AssemblyThatMakesThem_NamesEach()
    {
        var violations = ForbiddenCalls.Violations(typeof(Offences).Assembly.Location).Order(StringComparer.Ordinal).Select(violation => violation.Split(':')[0]);

        Assert.Equal(
            [
                "Architecture uses System.Console.WriteLine",
                "Architecture uses System.DateTime.get_Now",
                "Architecture uses System.DateTime.get_Today",
                "Architecture uses System.DateTime.get_UtcNow",
                "Architecture uses System.DateTimeOffset.get_Now",
                "Architecture uses System.DateTimeOffset.get_UtcNow",
                "Architecture uses System.Environment.Exit",
                "Architecture uses System.Random..ctor()",
                "Architecture uses System.Random.get_Shared",
                "Architecture uses System.Threading.Thread.Sleep",
            ],
            violations);
    }

    [Fact]
    public void PublicTypes_OpenClass_Named() =>
        Assert.Equal(["Architecture.OpenClass is public and neither sealed nor abstract nor static"], PublicTypes.Violations(typeof(OpenClass).Assembly));

    private static string Built(string library) => Path.Combine(AppContext.BaseDirectory, library + ".dll");
}

/// <summary>What no library may do, so that the rules have been seen to fail. Never called.</summary>
internal static class Offences
{
    public static void Commit()
    {
        Console.WriteLine(DateTime.Now + (DateTime.UtcNow - DateTime.Today));
        Console.WriteLine(DateTimeOffset.Now - DateTimeOffset.UtcNow);
        Thread.Sleep(new Random().Next() + Random.Shared.Next() + new Random(1).Next());
        Environment.Exit(0);
    }
}

/// <inheritdoc cref="Offences"/>
public class OpenClass;
