namespace ReferenceApi.Users;

internal sealed record User
{
    public long Id { get; init; }

    public string Name { get; init; } = "";

    public string Email { get; init; } = "";

    /// <summary>ISO 3166-1 code of two letters.</summary>
    public string Country { get; init; } = "";

    public string Plan { get; init; } = "";

    public string Status { get; init; } = "";

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset LastSeenAt { get; init; }
}
