using System.Data;
using Dapper;

namespace ReferenceApi.Data;

/// <summary>How Dapper reads our columns: names with underscores, times as Unix milliseconds.</summary>
internal static class DapperTypes
{
    public static void Register()
    {
        DefaultTypeMap.MatchNamesWithUnderscores = true;
        SqlMapper.AddTypeHandler(new UnixMilliseconds());

        // A page of 20 ids and one of 19 are then the same statement.
        SqlMapper.Settings.PadListExpansions = true;
    }

    private sealed class UnixMilliseconds : SqlMapper.TypeHandler<DateTimeOffset>
    {
        public override DateTimeOffset Parse(object value) => DateTimeOffset.FromUnixTimeMilliseconds((long)value);

        public override void SetValue(IDbDataParameter parameter, DateTimeOffset value) => parameter.Value = value.ToUnixTimeMilliseconds();
    }
}
