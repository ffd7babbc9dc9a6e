namespace Headroom.Http.ConditionalRequests;

/// <summary>Marks an endpoint whose answers get a tag.</summary>
internal sealed class ETagMetadata
{
    public static readonly ETagMetadata Instance = new();

    ETagMetadata()
    {
    }
}
