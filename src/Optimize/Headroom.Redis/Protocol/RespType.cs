namespace Headroom.Redis.Protocol;

/// <summary>The first byte of each RESP2 and RESP3 type (https://redis.io/docs/latest/develop/reference/protocol-spec/).</summary>
internal static class RespType
{
    public const byte SimpleString = (byte)'+';
    public const byte SimpleError = (byte)'-';
    public const byte Integer = (byte)':';
    public const byte BulkString = (byte)'$';
    public const byte Array = (byte)'*';
    public const byte Null = (byte)'_';
    public const byte Boolean = (byte)'#';
    public const byte Double = (byte)',';
    public const byte BigNumber = (byte)'(';
    public const byte BulkError = (byte)'!';
    public const byte Verbatim = (byte)'=';
    public const byte Map = (byte)'%';
    public const byte Attribute = (byte)'|';
    public const byte Set = (byte)'~';
    public const byte Push = (byte)'>';

    /// <summary>Lengths written <c>$?</c>, their parts <c>;</c> and their end <c>.</c>: specified, sent by no Redis, refused here.</summary>
    public const byte StreamedPart = (byte)';';
    public const byte StreamedEnd = (byte)'.';
    public const byte StreamedLength = (byte)'?';
}
