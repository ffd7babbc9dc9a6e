using System.Globalization;

namespace Headroom.Reports.Tests;

/// <summary>Runs something as a user of that culture would: decimal commas in de-DE, and an i that is no I in tr-TR.</summary>
internal static class InCulture
{
    public static T Run<T>(string name, Func<T> action)
    {
        var before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo(name);
            return action();
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }
}
