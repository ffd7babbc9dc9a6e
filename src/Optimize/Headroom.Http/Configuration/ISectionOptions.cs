namespace Headroom.Http.Configuration;

/// <summary>Options of one feature, bound from one section of the configuration. Implemented explicitly, so that users of the options see settings only.</summary>
internal interface ISectionOptions
{
    /// <summary>The section's path.</summary>
    static abstract string Section { get; }

    /// <summary>What could not be read from the configuration; reported with <see cref="Errors"/>.</summary>
    List<string> BindingErrors { get; }

    /// <summary>What is out of bounds, a sentence each; nothing when all is well.</summary>
    IEnumerable<string> Errors();
}
