namespace Headroom.Gateway.Tests.Conformance;

/// <summary>What a client on a raw socket sees of one request: interim answers, then the final one.</summary>
internal sealed record ClientView(IReadOnlyList<int> Interim, RawResponse Final)
{
    public static async Task<ClientView> OfAsync(Uri proxy, string request)
    {
        await using var connection = await RawConnection.OpenAsync(proxy);
        await connection.SendAsync(request);
        var interim = new List<int>();
        while (true)
        {
            var response = await connection.ReadAsync(isHead: request.StartsWith("HEAD ", StringComparison.Ordinal));
            if (response.Status is not (>= 100 and < 200 and not 101))
                return new ClientView(interim, response);
            interim.Add(response.Status);
        }
    }
}
