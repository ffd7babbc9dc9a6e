using Microsoft.AspNetCore.Http.Features;

namespace Headroom.Http.Benchmarks;

/// <summary>As a server's: keeps the callbacks on a stack and runs them when the response begins.</summary>
internal sealed class Starting : HttpResponseFeature
{
    private readonly Stack<(Func<object, Task> Callback, object State)> _callbacks = new();

    public override void OnStarting(Func<object, Task> callback, object state) => _callbacks.Push((callback, state));

    public async Task StartAsync()
    {
        while (_callbacks.TryPop(out var next))
            await next.Callback(next.State);
    }
}
