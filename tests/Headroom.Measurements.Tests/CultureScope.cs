using System.Globalization;

namespace Headroom.Measurements.Tests;

/// <summary>Another culture for the code inside.</summary>
internal sealed class CultureScope : IDisposable
{
    private readonly CultureInfo _before = CultureInfo.CurrentCulture;

    public CultureScope(string name)
    {
        CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo(name);

        // Without ICU every culture is the invariant one, and the test would prove nothing.
        if (name == "de-DE")
            Assert.Equal("1,5", 1.5.ToString(CultureInfo.CurrentCulture));
    }

    public void Dispose() => CultureInfo.CurrentCulture = _before;
}
