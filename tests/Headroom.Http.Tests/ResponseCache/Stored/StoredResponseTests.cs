using System.Diagnostics.Metrics;
using System.Text;
using Headroom.Http.Compression;
using Headroom.Http.ResponseCache.Rules;
using Headroom.Http.ResponseCache.Stored;
using Headroom.Http.Tests.Compression;
using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Http.Tests.ResponseCache.Stored;

/// <summary>The compression metrics count the encoded forms that are sent, not those that were tried.</summary>
public sealed class StoredResponseTests
{
    static readonly byte[] Content = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 300).Select(id => $$"""{"id":{{id}},"name":"row {{id * 7919 % 1000}}"},""")));

    [Fact]
    public void Improve_EncodingThatIsShorter_IsKeptAndCounted()
    {
        using var encoding = new CountedEncoder();
        var stored = Stored();
        var quick = stored.FormOrEncode(ContentCoding.Brotli, encoding.Encoder)!;
        Use(quick, EncodedForm.UsesBeforeThorough);

        stored.Improve(encoding.Encoder);

        var better = stored.Form(ContentCoding.Brotli)!;
        Assert.True(better.Content.Length < quick.Content.Length);
        Assert.Equal([Content.Length - quick.Content.Length, Content.Length - better.Content.Length], encoding.Saved);
    }

    [Fact]
    public void Improve_EncodingThatIsLonger_IsNeitherKeptNorCounted()
    {
        using var encoding = new CountedEncoder();
        var stored = Stored();
        stored.Keep(ContentCoding.Brotli, [1, 2, 3]);
        Use(stored.Form(ContentCoding.Brotli)!, EncodedForm.UsesBeforeThorough);

        stored.Improve(encoding.Encoder);

        var form = stored.Form(ContentCoding.Brotli)!;
        Assert.Equal([1, 2, 3], form.Content);
        Assert.Equal(EncodingEffort.Thorough, form.Effort);
        Assert.Empty(encoding.Saved);
    }

    [Fact]
    public void FormOrEncode_EncodingWithoutRoomBesideTheOthers_IsNeitherKeptNorCounted()
    {
        using var encoding = new CountedEncoder();
        var stored = Stored();
        stored.Keep(ContentCoding.Gzip, new byte[Content.Length - 1]);

        Assert.Null(stored.FormOrEncode(ContentCoding.Brotli, encoding.Encoder));
        Assert.Empty(encoding.Saved);
    }

    static StoredResponse Stored() => new(
        new StoredHead { Status = 200, Requested = 0, Received = 0, InitialAge = 0, Terms = new Terms { Lifetime = 30_000 }, Tag = "\"a\"", IsCompressible = true, Headers = [] }, Content, "Headroom");

    static void Use(EncodedForm form, int times)
    {
        for (var use = 0; use < times; use++)
            form.IsDueAfterUse();
    }

    /// <summary>An encoder, and what its metrics say was saved, one after another.</summary>
    sealed class CountedEncoder : IDisposable
    {
        readonly ServiceProvider services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        readonly Measurements measured;

        public CountedEncoder()
        {
            var meters = services.GetRequiredService<IMeterFactory>();
            measured = new Measurements(meters);
            Encoder = new WholeEncoder(new CompressionMetrics(meters));
        }

        public WholeEncoder Encoder { get; }

        public IEnumerable<int> Saved => measured.All.Where(each => each.Name == "headroom.compression.saved").Select(each => (int)each.Value);

        public void Dispose()
        {
            measured.Dispose();
            services.Dispose();
        }
    }
}
