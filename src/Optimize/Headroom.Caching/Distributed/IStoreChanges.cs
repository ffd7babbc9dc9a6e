namespace Headroom.Caching;

/// <summary>A store that tells which of its keys were changed, by whatever node or program: so a memory tier in front of it drops what is over at once, not when its time has come.</summary>
public interface IStoreChanges
{
    /// <summary>Has the listener told of changes to keys that begin with <paramref name="prefix"/>, from when it is told <see cref="IStoreChangeListener.Resumed"/>.</summary>
    /// <returns>Dispose of it to end that.</returns>
    IDisposable Listen(IStoreChangeListener listener, string prefix);
}

/// <summary>Hears of changes. Every method is called on the thread that reads from the store: it must be quick, must not block and must not throw.</summary>
public interface IStoreChangeListener
{
    /// <summary>A key was set, removed, or has ended. May be told twice; what this process itself wrote need not be told.</summary>
    void Changed(string key);

    /// <summary>Changes may have been missed, or all keys were removed: what was read before is not known to be current. Until <see cref="Resumed"/> changes are not told.</summary>
    void Interrupted();

    /// <summary>From now on every change is told. What is read after this stays current until it is told otherwise.</summary>
    void Resumed();
}
