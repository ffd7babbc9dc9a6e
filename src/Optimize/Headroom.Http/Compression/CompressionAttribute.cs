namespace Headroom.Http;

/// <summary>Says for an action, a controller or an endpoint whether its responses are compressed, whatever <see cref="CompressionOptions.Enabled"/> and <see cref="CompressionOptions.EnableForHttps"/> say.</summary>
/// <param name="enabled">False for answers that must not tell by their length what is in them (BREACH, docs/compression.md).</param>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
public sealed class CompressionAttribute(bool enabled = true) : Attribute
{
    /// <summary>Whether responses are compressed.</summary>
    public bool Enabled { get; } = enabled;
}
