using Headroom.Http;

namespace ReferenceApi.Data.DataSets;

/// <summary>Keys of the API's clients, of which the database has SHA-256 only: most are good, some have expired, a few were revoked.</summary>
internal static class ApiKeyRows
{
    public const string Prefix = "ref_";

    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    private const int IdLength = 16;
    private const int SecretLength = 32;
    private const long DayMs = 24 * 3_600_000L;

    /// <summary>The first rows of every set, which docs/reference-api.md shows with their keys.</summary>
    private static readonly (string Client, string State)[] Documented = [("mobile-app", Good), ("web-shop", Good), ("nightly-export", Good), ("old-partner", Expired), ("lost-laptop", Revoked)];

    private const string Good = "good";
    private const string Expired = "expired";
    private const string Revoked = "revoked";

    public static IReadOnlyList<(string Client, string State, string Key)> DocumentedKeys(DataSetSpecification specification) =>
        [.. Draw(specification).Take(Documented.Length).Select(row => (row.Client, row.State, row.Key))];

    public static void Write(DataSetSpecification specification, RowWriter writer)
    {
        writer.BeginTable("api_keys", "id", "key_hash", "client", "created_at", "expires_at", "revoked_at");
        foreach (var (client, state, key, created) in Draw(specification))
        {
            writer.Write(key.Substring(Prefix.Length, IdLength));
            writer.Write(Convert.ToHexStringLower(ApiKeyText.Hash(key)));
            writer.Write(client);
            writer.Write(created);
            WriteWhen(writer, state == Expired, created);
            WriteWhen(writer, state == Revoked, created);
            writer.EndRow();
        }

        writer.EndTable();
    }

    private static IEnumerable<(string Client, string State, string Key, long CreatedAt)> Draw(DataSetSpecification specification)
    {
        var random = new SeededRandom(specification.Seed, "api-keys");
        var now = DataSetSpecification.TakenAt.ToUnixTimeMilliseconds();
        for (var index = 0; index < specification.Rows.ApiKeys; index++)
        {
            var key = ApiKeyText.Compose(Prefix, Letters(random, IdLength), Letters(random, SecretLength));
            var share = random.NextDouble();
            var created = now - (random.Between(60, 720) * DayMs) - random.Next((int)DayMs);
            yield return index < Documented.Length
                ? (Documented[index].Client, Documented[index].State, key, created)
                : (FormattableString.Invariant($"client-{index + 1}"), share < 0.85 ? Good : share < 0.95 ? Expired : Revoked, key, created);
        }
    }

    private static string Letters(SeededRandom random, int count) => string.Create(count, random, static (letters, source) =>
    {
        for (var letter = 0; letter < letters.Length; letter++)
            letters[letter] = Alphabet[source.Next(Alphabet.Length)];
    });

    // A month and some after it was made, so always before the data was taken.
    private static void WriteWhen(RowWriter writer, bool isSo, long created)
    {
        if (isSo)
            writer.Write(created + (45 * DayMs));
        else
            writer.WriteNull();
    }
}
