using System.Globalization;
using System.Text;

namespace Headroom.Reports.JUnit;

/// <summary>Text in memory whose XML declaration says UTF-8, as it is stored, and not the UTF-16 of a .NET string.</summary>
internal sealed class Utf8Text() : StringWriter(CultureInfo.InvariantCulture)
{
    public override Encoding Encoding { get; } = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);

    public Utf8Text Append(char character)
    {
        Write(character);
        return this;
    }
}
