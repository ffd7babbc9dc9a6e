namespace Headroom.Caching.Tiered;

/// <summary>What makes a missing value, with or without a say in how it is kept.</summary>
internal abstract class ValueFactory<T>
{
    public abstract ValueTask<T> RunAsync(CacheEntryContext context, CancellationToken cancellation);
}

internal sealed class PlainFactory<TState, T>(TState state, Func<TState, CancellationToken, ValueTask<T>> factory) : ValueFactory<T>
{
    public override ValueTask<T> RunAsync(CacheEntryContext context, CancellationToken cancellation) => factory(state, cancellation);
}

internal sealed class DecidingFactory<TState, T>(TState state, Func<TState, CacheEntryContext, CancellationToken, ValueTask<T>> factory) : ValueFactory<T>
{
    public override ValueTask<T> RunAsync(CacheEntryContext context, CancellationToken cancellation) => factory(state, context, cancellation);
}
