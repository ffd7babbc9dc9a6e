namespace Headroom.Load.Wire;

/// <summary>Placeholder until the next commit.</summary>
internal sealed class RequestTemplate
{
}
