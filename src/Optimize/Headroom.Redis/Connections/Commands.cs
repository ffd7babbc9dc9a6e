namespace Headroom.Redis.Connections;

/// <summary>The commands that have a method of their own.</summary>
internal static class Commands
{
    public static readonly Command Del = new("DEL");
    public static readonly Command Eval = new("EVAL");
    public static readonly Command EvalSha = new("EVALSHA");
    public static readonly Command Exists = new("EXISTS");
    public static readonly Command FlushDb = new("FLUSHDB");
    public static readonly Command Get = new("GET");
    public static readonly Command HDel = new("HDEL");
    public static readonly Command HGet = new("HGET");
    public static readonly Command HGetAll = new("HGETALL");
    public static readonly Command HSet = new("HSET");
    public static readonly Command IncrBy = new("INCRBY");
    public static readonly Command Info = new("INFO");
    public static readonly Command MGet = new("MGET");
    public static readonly Command PExpire = new("PEXPIRE");
    public static readonly Command Ping = new("PING");
    public static readonly Command PTtl = new("PTTL");
    public static readonly Command Publish = new("PUBLISH");
    public static readonly Command Scan = new("SCAN");
    public static readonly Command Set = new("SET");
    public static readonly Command Unlink = new("UNLINK");
    public static readonly Command ZAdd = new("ZADD");
    public static readonly Command ZRange = new("ZRANGE");
    public static readonly Command ZRemRangeByScore = new("ZREMRANGEBYSCORE");
    public static readonly Command ZScore = new("ZSCORE");
}
