namespace Headroom.Load;

/// <summary>Requests in the order they are written: of a plan, a flow, its set-up or its clean-up. Each method changes this builder and returns it.</summary>
/// <typeparam name="TBuilder">The builder itself.</typeparam>
public abstract class RequestsBuilder<TBuilder>
    where TBuilder : RequestsBuilder<TBuilder>
{
    private protected RequestsBuilder()
    {
    }

    /// <summary>Adds a GET request.</summary>
    /// <param name="path">Path and query under the base address, or a whole http address. May hold variables, <c>${name}</c>.</param>
    /// <param name="configure">Name, weight, headers, checks and extractions.</param>
    public TBuilder Get(string path, Action<RequestBuilder>? configure = null) => Send("GET", path, configure);

    /// <summary>Adds a POST request with what <paramref name="configure"/> gives it, or without a body.</summary>
    /// <inheritdoc cref="Get" path="/param"/>
    public TBuilder Post(string path, Action<RequestBuilder>? configure = null) => Send("POST", path, configure);

    /// <summary>Adds a POST request with a JSON body.</summary>
    /// <param name="json">As of <see cref="RequestBuilder.Json"/>.</param>
    /// <inheritdoc cref="Get" path="/param"/>
    public TBuilder Post(string path, object? json, Action<RequestBuilder>? configure = null) => Send("POST", path, request => request.Json(json).And(configure));

    /// <summary>Adds a PUT request with what <paramref name="configure"/> gives it, or without a body.</summary>
    /// <inheritdoc cref="Get" path="/param"/>
    public TBuilder Put(string path, Action<RequestBuilder>? configure = null) => Send("PUT", path, configure);

    /// <summary>Adds a PUT request with a JSON body.</summary>
    /// <inheritdoc cref="Post(string, object?, Action{RequestBuilder}?)" path="/param"/>
    public TBuilder Put(string path, object? json, Action<RequestBuilder>? configure = null) => Send("PUT", path, request => request.Json(json).And(configure));

    /// <summary>Adds a PATCH request with what <paramref name="configure"/> gives it, or without a body.</summary>
    /// <inheritdoc cref="Get" path="/param"/>
    public TBuilder Patch(string path, Action<RequestBuilder>? configure = null) => Send("PATCH", path, configure);

    /// <summary>Adds a PATCH request with a JSON body.</summary>
    /// <inheritdoc cref="Post(string, object?, Action{RequestBuilder}?)" path="/param"/>
    public TBuilder Patch(string path, object? json, Action<RequestBuilder>? configure = null) => Send("PATCH", path, request => request.Json(json).And(configure));

    /// <summary>Adds a DELETE request.</summary>
    /// <inheritdoc cref="Get" path="/param"/>
    public TBuilder Delete(string path, Action<RequestBuilder>? configure = null) => Send("DELETE", path, configure);

    /// <summary>Adds a request of any method.</summary>
    /// <param name="method">Such as <c>OPTIONS</c>.</param>
    /// <inheritdoc cref="Get" path="/param"/>
    public TBuilder Send(string method, string path, Action<RequestBuilder>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(method);
        ArgumentNullException.ThrowIfNull(path);
        Add(new RequestBuilder(method, path).And(configure));
        return (TBuilder)this;
    }

    private protected abstract void Add(RequestBuilder request);
}
