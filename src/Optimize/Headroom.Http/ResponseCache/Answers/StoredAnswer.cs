using System.Runtime.CompilerServices;
using Headroom.Http.Compression;
using Headroom.Http.ResponseCache.Rules;
using Headroom.Http.ResponseCache.Stored;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Headroom.Http.ResponseCache.Answers;

/// <summary>
/// Sends what is stored: the whole of it in the coding that the client likes best, 304, a range, or the headers alone. The usual hit, a GET without conditions, is a copy of prepared headers and bytes and allocates nothing.
/// </summary>
internal sealed class StoredAnswer(Compressible compressible, WholeEncoder encoder, EncodingImprover improver, TimeProvider time)
{
    /// <summary>Longer bodies go out in pieces, so that a slow client does not have all of one in buffers of its own.</summary>
    const int PieceBytes = 256 * 1024;
    const int RememberedChoices = 32;

    // What the first values of Accept-Encoding came to: there are few of them, and each is read once. Slots are never given to another, so that no client makes others pay.
    readonly Choice?[] choices = new Choice?[RememberedChoices];

    /// <summary>A hit.</summary>
    public Task SendAsync(HttpContext context, StoredResponse stored, long age, StringValues cacheStatus)
    {
        var form = FormFor(context.Request, stored);
        if (stored.Head.Status == StatusCodes.Status200OK && HasConditions(context.Request.Headers) && KnownForm(context.Request.Headers, stored, form) is { } known)
            return SendNotModified(context.Response, stored, known, age, cacheStatus);

        if (form.IsDueAfterUse())
            improver.Improve(stored);
        var response = context.Response;
        response.StatusCode = stored.Head.Status;
        var headers = response.Headers;
        headers.ContentType = stored.ContentType;
        headers.Date = stored.Date;
        if (stored.CacheControl.Count > 0)
            headers.CacheControl = stored.CacheControl;
        if (stored.Vary.Count > 0)
            headers.Vary = stored.Vary;
        if (stored.LastModified.Count > 0)
            headers.LastModified = stored.LastModified;
        foreach (var header in stored.Others)
            headers[header.Key] = header.Value;

        SetHit(headers, stored, age, cacheStatus);
        return SendContentAsync(context, stored, form);
    }

    // Cache-Status of a hit is made together with Age.
    static void SetHit(IHeaderDictionary headers, StoredResponse stored, long age, StringValues cacheStatus)
    {
        var hit = stored.HitHeadersAt(age);
        headers.Age = hit.Age;
        headers["Cache-Status"] = cacheStatus.Count > 0 ? cacheStatus : hit.CacheStatus;
    }

    /// <summary>The 304 of a hit, without writing first what would have to be taken back (RFC 9110 §15.4.5).</summary>
    static Task SendNotModified(HttpResponse response, StoredResponse stored, EncodedForm known, long age, StringValues cacheStatus)
    {
        response.StatusCode = StatusCodes.Status304NotModified;
        var headers = response.Headers;
        headers.Date = stored.Date;
        if (stored.CacheControl.Count > 0)
            headers.CacheControl = stored.CacheControl;
        if (stored.Vary.Count > 0)
            headers.Vary = stored.Vary;
        if (known.Tag is not null)
            headers.ETag = known.ETag;
        else if (stored.LastModified.Count > 0)
            headers.LastModified = stored.LastModified;
        foreach (var header in stored.OthersOfNotModified)
            headers[header.Key] = header.Value;
        SetHit(headers, stored, age, cacheStatus);
        return Task.CompletedTask;
    }

    /// <summary>Encodes a new response for the client that it was made for.</summary>
    public void Prepare(HttpRequest request, StoredResponse stored) => FormFor(request, stored);

    /// <summary>The content with the headers that depend on its form; all others are there.</summary>
    public Task SendContentAsync(HttpContext context, StoredResponse stored) => SendContentAsync(context, stored, FormFor(context.Request, stored));

    Task SendContentAsync(HttpContext context, StoredResponse stored, EncodedForm form)
    {
        var request = context.Request.Headers;
        if (stored.Head.Status == StatusCodes.Status200OK && (HasConditions(request) || request.Range.Count > 0))
            return SendOnConditionsAsync(context, stored, form);

        return SendWholeAsync(context, stored, form, context.Response.Headers);
    }

    static bool HasConditions(IHeaderDictionary request) => request.IfNoneMatch.Count > 0 || request.IfModifiedSince.Count > 0;

    Task SendWholeAsync(HttpContext context, StoredResponse stored, EncodedForm form, IHeaderDictionary headers)
    {
        SetForm(headers, form);
        if (!HasContent(stored.Head.Status))
            return Task.CompletedTask;
        headers.ContentLength = form.Content.Length;
        if (HttpMethods.IsHead(context.Request.Method))
            return Task.CompletedTask;
        return form.Content.Length <= PieceBytes ? WriteAsync(context.Response, form.Content) : WritePiecesAsync(context, form.Content);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Task WriteAsync(HttpResponse response, ReadOnlyMemory<byte> content)
    {
        var writing = response.BodyWriter.WriteAsync(content);
        return writing.IsCompletedSuccessfully ? Task.CompletedTask : writing.AsTask();
    }

    static async Task WritePiecesAsync(HttpContext context, ReadOnlyMemory<byte> content)
    {
        var writer = context.Response.BodyWriter;
        while (!content.IsEmpty)
        {
            var piece = content[..Math.Min(PieceBytes, content.Length)];
            content = content[piece.Length..];
            if ((await writer.WriteAsync(piece, context.RequestAborted)).IsCompleted)
                return;
        }
    }

    Task SendOnConditionsAsync(HttpContext context, StoredResponse stored, EncodedForm form)
    {
        var request = context.Request.Headers;
        var headers = context.Response.Headers;
        var lastModified = LastModifiedOf(stored);
        var known = KnownForm(request, stored, form);
        if (known is not null)
        {
            NotModified(context.Response, known);
            return Task.CompletedTask;
        }

        if (!HttpMethods.IsGet(context.Request.Method) || request.Range.Count == 0)
            return SendWholeAsync(context, stored, form, headers);

        // Ranges are of the plain body: its bytes never change, those of an encoded form do when a better encoding is there.
        var plain = stored.Identity;
        var range = ByteRange.Of(request, plain.Content.Length, plain.Tag, lastModified);
        switch (range.Outcome)
        {
            case RangeOutcome.Part:
                SetForm(headers, plain);
                context.Response.StatusCode = StatusCodes.Status206PartialContent;
                headers.ContentRange = $"bytes {range.First}-{range.First + range.Length - 1}/{plain.Content.Length}";
                headers.ContentLength = range.Length;
                return WritePiecesAsync(context, plain.Content.AsMemory((int)range.First, (int)range.Length));
            case RangeOutcome.Unsatisfiable:
                context.Response.StatusCode = StatusCodes.Status416RangeNotSatisfiable;
                headers.Remove("Content-Type");
                headers.Remove("Content-Encoding");
                headers.ContentRange = $"bytes */{plain.Content.Length}";
                headers.ContentLength = 0;
                return Task.CompletedTask;
            default:
                return SendWholeAsync(context, stored, form, headers);
        }
    }

    /// <summary>The form that the client has already, if that is still the content. It may have got another coding than it would get now; that one is as current.</summary>
    EncodedForm? KnownForm(IHeaderDictionary request, StoredResponse stored, EncodedForm form)
    {
        // What nearly all clients send: the one tag that they were given.
        var noneMatch = request.IfNoneMatch;
        if (noneMatch.Count == 1 && form.Tag is { } tag && noneMatch[0] == tag)
            return form;
        if (Validation.IsNotModified(request, form.Tag, LastModifiedOf(stored), stored.Date.ToString(), time.GetUtcNow()))
            return form;
        for (var coding = ContentCoding.Identity; noneMatch.Count > 0 && stored.Head.Tag is not null && (int)coding < ContentCodings.Count; coding++)
        {
            if (stored.Form(coding) is { } other && other != form && EntityTag.ListHas(noneMatch, other.Tag!))
                return other;
        }

        return null;
    }

    static string? LastModifiedOf(StoredResponse stored) => stored.LastModified.Count == 1 ? stored.LastModified[0] : null;

    static void NotModified(HttpResponse response, EncodedForm known)
    {
        response.StatusCode = StatusCodes.Status304NotModified;
        var headers = response.Headers;
        Validation.RemoveContentHeaders(headers);
        if (known.Tag is null)
            return;
        headers.ETag = known.ETag;
        headers.Remove("Last-Modified");
    }

    static void SetForm(IHeaderDictionary headers, EncodedForm form)
    {
        if (form.ETag.Count > 0)
            headers.ETag = form.ETag;
        if (form.ContentEncoding.Count > 0)
            headers.ContentEncoding = form.ContentEncoding;
    }

    EncodedForm FormFor(HttpRequest request, StoredResponse stored)
    {
        if (!stored.Head.IsCompressible || Compressible.IsDeclined(request.Headers))
            return stored.Identity;
        var coding = CodingFor(request.Headers.AcceptEncoding);
        return coding is null or ContentCoding.Identity ? stored.Identity : stored.FormOrEncode(coding.Value, encoder) ?? stored.Identity;
    }

    ContentCoding? CodingFor(StringValues accepted)
    {
        if (accepted.Count != 1 || accepted[0] is not { } text)
            return AcceptEncoding.Choose(accepted, compressible.Available);
        ref var slot = ref choices[text.Length % RememberedChoices];
        var known = Volatile.Read(ref slot);
        if (known is not null && known.Accepted == text)
            return known.Coding;
        var coding = AcceptEncoding.Choose(accepted, compressible.Available);
        if (known is null)
            Volatile.Write(ref slot, new Choice(text, coding));
        return coding;
    }

    static bool HasContent(int status) => status is not (StatusCodes.Status204NoContent or StatusCodes.Status205ResetContent or StatusCodes.Status304NotModified);

    sealed record Choice(string Accepted, ContentCoding? Coding);
}
