using Npgsql;
using ReferenceApi.Hosting;

namespace ReferenceApi.Data;

/// <summary>
/// Which database <c>ConnectionStrings:Database</c> asks for: PostgreSQL when it names a host, the embedded SQLite when it is absent.
/// </summary>
/// <param name="PostgresConnectionString">Null for SQLite.</param>
internal sealed record DatabaseAddress(string? PostgresConnectionString)
{
    private const string Setting = "ConnectionStrings:Database";

    public static DatabaseAddress Parse(string? connectionString) =>
        new(string.IsNullOrWhiteSpace(connectionString) ? null : Checked(connectionString));

    // Apart, so that Npgsql is loaded where there is a PostgreSQL alone.
    private static string Checked(string connectionString)
    {
        NpgsqlConnectionStringBuilder settings;
        try
        {
            settings = new NpgsqlConnectionStringBuilder(connectionString);
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException)
        {
            // Neither the string nor the library's message is quoted: both may carry a password.
            throw Unusable(
                connectionString.Contains("://", StringComparison.Ordinal) ? "Addresses of the form 'postgres://…' are not understood." : "It has a key or value that Npgsql does not know.",
                exception);
        }

        if (string.IsNullOrWhiteSpace(settings.Host))
            throw Unusable("It names no host.", inner: null);

        return connectionString;
    }

    private static StartupException Unusable(string found, Exception? inner) => new(
        $"{Setting} is not a PostgreSQL connection string. {found} Write for example 'Host=127.0.0.1;Username=api;Password=…;Database=reference', "
        + "or leave it out to use the embedded SQLite database.",
        inner,
        ExitCode.Usage);
}
