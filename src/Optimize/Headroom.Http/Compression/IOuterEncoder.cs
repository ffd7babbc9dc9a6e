using Microsoft.AspNetCore.Http;

namespace Headroom.Http.Compression;

/// <summary>
/// A feature of a request that somebody further out sets (the response cache), who stores content plain and encodes it for each client: asked when the response
/// begins, with its status and header fields as they are then.
/// </summary>
internal interface IOuterEncoder
{
    /// <summary>True: this response will be encoded outside, so it is left as it is here.</summary>
    bool Encodes(HttpContext context);
}
