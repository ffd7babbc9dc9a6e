using Headroom.Load.Plans;

namespace Headroom.Load.Tests.Plans;

public sealed class HttpAddressTests
{
    [Theory]
    [InlineData("http://127.0.0.1:8080/path?q=1#part", "http://127.0.0.1:8080/path?q=1")]
    [InlineData(" https://api.example ", "https://api.example/")]
    [InlineData("http://[::1]:9/", "http://[::1]:9/")]
    public void TryParse_Address_IsReadWithoutItsFragment(string text, string expected)
    {
        Assert.True(HttpAddress.TryParse(text, out var url, out var error), error);
        Assert.Equal(expected, url!.GetComponents(UriComponents.HttpRequestUrl, UriFormat.UriEscaped));
    }

    [Theory]
    [InlineData("api.example/path", "write the scheme too: http://api.example/path")]
    [InlineData("ftp://api.example/", "has scheme 'ftp'; allowed: http, https")]
    [InlineData("http://api.example:99999/", "'http://api.example:99999/' is not a well-formed address")]
    [InlineData("http://me:hush@api.example/", "api.example carries a user name or password")]
    public void TryParse_NoHttpAddress_SaysWhatToWrite(string text, string expected)
    {
        Assert.False(HttpAddress.TryParse(text, out var url, out var error));
        Assert.Null(url);
        Assert.Contains(expected, error);
    }

    [Theory]
    [InlineData("http://me:hush@api.example/")]
    [InlineData("ftp://me:hush@api.example/")]
    [InlineData("http://me:hush@api.example:99999/")]
    [InlineData("http://me:hu/sh@api.example:99999/")]
    [InlineData("me:hush@api.example/path")]
    public void TryParse_AddressWithAPassword_IsRefusedWithoutRepeatingIt(string text)
    {
        Assert.False(HttpAddress.TryParse(text, out _, out var error));
        Assert.DoesNotContain("hu", error);
    }
}
