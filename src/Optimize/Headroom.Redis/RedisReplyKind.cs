namespace Headroom.Redis;

/// <summary>What Redis answered, in the terms of RESP3. From a server that only speaks RESP2 come the first six.</summary>
public enum RedisReplyKind
{
    /// <summary>Nothing: a missing key, an empty pop.</summary>
    Null,

    /// <summary>A status such as <c>OK</c>.</summary>
    SimpleString,

    /// <summary>A string of any bytes.</summary>
    BulkString,

    /// <summary>A whole number of 64 bits.</summary>
    Integer,

    /// <summary>An error within an array, for example of a command in a script. An error that is the whole reply is thrown as <see cref="RedisServerException"/>.</summary>
    Error,

    /// <summary>Values in order.</summary>
    Array,

    /// <summary>Values without order, each once.</summary>
    Set,

    /// <summary>Keys and values in turn.</summary>
    Map,

    /// <summary>A number with a fraction, or infinite.</summary>
    Double,

    /// <summary>True or false.</summary>
    Boolean,

    /// <summary>A whole number of any size.</summary>
    BigNumber,

    /// <summary>Text that says what it is, such as the answer to INFO.</summary>
    Verbatim,

    /// <summary>What Redis sends unasked.</summary>
    Push,
}
