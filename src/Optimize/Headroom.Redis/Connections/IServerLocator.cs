namespace Headroom.Redis.Connections;

/// <summary>Says where the server is that a node connects to, anew for every attempt.</summary>
internal interface IServerLocator
{
    /// <summary>Whether a replica will not do.</summary>
    bool NeedsMaster { get; }

    /// <summary>In the order to try them.</summary>
    /// <exception cref="RedisConnectionException">None can be named.</exception>
    ValueTask<IReadOnlyList<RedisEndpoint>> LocateAsync(CancellationToken cancellationToken);
}

/// <summary>Always the same endpoints.</summary>
internal sealed class FixedEndpoints(IReadOnlyList<RedisEndpoint> endpoints, bool needsMaster) : IServerLocator
{
    public bool NeedsMaster => needsMaster;

    public ValueTask<IReadOnlyList<RedisEndpoint>> LocateAsync(CancellationToken cancellationToken) => new(endpoints);
}
