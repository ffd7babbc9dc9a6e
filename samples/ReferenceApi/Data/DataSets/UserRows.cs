using System.Globalization;

namespace ReferenceApi.Data.DataSets;

/// <summary>People with accounts: many share a name, most signed up lately, few are online.</summary>
internal static class UserRows
{
    private const long SecondMs = 1_000;
    private const long ThreeYearsSeconds = 3 * 365 * 24 * 3_600L;

    private static readonly string[] FirstNames =
    [
        "Ana", "Marco", "Leila", "Jonas", "Priya", "Tomás", "Ingrid", "Kwame", "Yuki", "Olena", "Diego", "Amara", "Felix", "Noor", "Rosa", "Pavel",
        "Mei", "Samuel", "Zoë", "Hassan", "Clara", "Bruno", "Freya", "Anton", "Lucía", "Malik", "Greta", "Rafael", "Sofia", "Emre", "Nadia", "Piotr",
        "Carmen", "Henrik", "Aisha", "Viktor", "Elena", "Mateus", "Chiara", "Oskar", "Fatima", "Luca", "Maren", "Ibrahim", "Julia", "Teo", "Sanna", "Øyvind",
    ];

    private static readonly string[] LastNames =
    [
        "Silva", "Rossi", "Haddad", "Weber", "Sharma", "Novák", "Larsen", "Mensah", "Tanaka", "Kovalenko", "Torres", "Okafor", "Müller", "Rahman", "Costa", "Ivanov",
        "Chen", "Brown", "Dubois", "Karimi", "Moreau", "Almeida", "Nilsson", "Petrov", "García", "Diallo", "Schmidt", "Santos", "Lindqvist", "Yılmaz", "Bianchi", "Kowalski",
        "Ruiz", "Berg", "Khan", "Popescu", "Romano", "Pereira", "Ferrari", "Nowak", "Abbas", "Conti", "Vogel", "Traoré", "Fischer", "Jensen", "Virtanen", "Łukaszewicz",
    ];

    private static readonly string[] Countries = ["BR", "DE", "IN", "US", "IT", "ES", "FR", "PT", "NG", "JP", "UA", "SE", "PL", "MX", "TR", "GH", "NO", "AR"];

    public static void Write(DataSetSpecification specification, RowWriter writer)
    {
        var random = new SeededRandom(specification.Seed, "users");
        var countries = new ZipfDistribution(Countries.Length);
        var count = specification.Rows.Users;
        var now = DataSetSpecification.TakenAt.ToUnixTimeMilliseconds() / SecondMs;

        writer.BeginTable("users", "id", "name", "email", "country", "plan", "status", "created_at", "last_seen_at");
        for (var index = 0; index < count; index++)
        {
            var first = random.Pick(FirstNames);
            var last = random.Pick(LastNames);

            // Sign-ups grow with the square of time: half of all accounts are from the last third of the years.
            var age = 1 - Math.Sqrt((index + random.NextDouble()) / count);
            var created = now - 1 - (long)(age * ThreeYearsSeconds);
            var idle = random.NextDouble();
            var lastSeen = now - 1 - (long)(idle * idle * idle * (now - 1 - created));

            writer.Write(index + 1L);
            writer.Write($"{first} {last}");
            writer.Write(string.Create(CultureInfo.InvariantCulture, $"{Ascii(first)}.{Ascii(last)}.{index + 1}@example.com"));
            writer.Write(Countries[countries.Sample(random)]);
            writer.Write(Plan(random.NextDouble()));
            writer.Write(Status(random.NextDouble()));
            writer.Write(created * SecondMs);
            writer.Write(lastSeen * SecondMs);
            writer.EndRow();
        }

        writer.EndTable();
    }

    /// <summary>A name for a row of another table.</summary>
    public static string Name(SeededRandom random) => $"{random.Pick(FirstNames)} {random.Pick(LastNames)}";

    public static string FirstName(SeededRandom random) => random.Pick(FirstNames);

    private static string Plan(double share) => share switch
    {
        < 0.78 => "free",
        < 0.95 => "pro",
        _ => "team",
    };

    private static string Status(double share) => share switch
    {
        < 0.90 => "active",
        < 0.96 => "invited",
        _ => "suspended",
    };

    private static string Ascii(string name)
    {
        Span<char> letters = stackalloc char[name.Length];
        var length = 0;
        foreach (var letter in name)
        {
            if (char.IsAsciiLetter(letter))
                letters[length++] = char.ToLowerInvariant(letter);
        }

        return new string(letters[..length]);
    }
}
