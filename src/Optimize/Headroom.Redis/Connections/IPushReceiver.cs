using Headroom.Redis.Protocol;

namespace Headroom.Redis.Connections;

/// <summary>
/// Takes what Redis sends unasked, and says what a new connection needs for that. Called by the reader between replies, in the stream's order: whatever it does must be
/// quick and must not throw.
/// </summary>
internal interface IPushReceiver
{
    /// <summary>Whether arrays are pushes too, as on a subscribing connection in RESP2.</summary>
    bool ReceivesArrays { get; }

    /// <summary>What to send when a connection is new, after it was authenticated. An error as the answer does not end the connection.</summary>
    IReadOnlyList<(Command Command, RedisArgument[] Arguments)> Setup(int protocolVersion);

    /// <summary>The answer to one of the commands of <see cref="Setup"/>, in their order.</summary>
    void SetupAnswered(RedisReply reply);

    /// <summary>A connection is ready, and no command uses it yet.</summary>
    void Opened(RedisConnection opened);

    /// <summary>The connection ended, and no other is tried yet.</summary>
    void Lost(RedisConnection lost);

    /// <summary>A push.</summary>
    /// <param name="kind">Its first element, <c>invalidate</c> or <c>message</c>.</param>
    /// <param name="reader">Where the other elements come next.</param>
    /// <param name="count">How many these are.</param>
    void Receive(ReadOnlySpan<byte> kind, ref RespReader reader, int count);
}
