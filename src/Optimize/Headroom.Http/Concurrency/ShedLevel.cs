namespace Headroom.Http.Concurrency;

/// <summary>How important a request is while others wait too; what is less is shed first.</summary>
internal enum ShedLevel : byte
{
    /// <summary>Its endpoint has <see cref="ConcurrencyExtensions.ShedFirst"/>.</summary>
    First,

    /// <summary>A caller that nobody knows asks for something that takes its time.</summary>
    Ordinary,

    /// <summary>The caller is authenticated, or what it asks for is cheap.</summary>
    Preferred,

    /// <summary>Both.</summary>
    MorePreferred,

    /// <summary>Its endpoint has <see cref="ConcurrencyExtensions.ShedLast"/>.</summary>
    Last,
}
