using System.Data.Common;
using System.Net.Sockets;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.Data.Sqlite;

namespace ReferenceApi.Hosting;

/// <summary>
/// Answers failures that are nobody's mistake in the program: a request that the server found malformed while reading it, and a database
/// that is away or busy (503, try again). Everything else stays a 500.
/// </summary>
internal sealed class RequestFailureHandler(IProblemDetailsService problems) : IExceptionHandler
{
    private const int SqliteBusy = 5;
    private const int SqliteLocked = 6;

    public ValueTask<bool> TryHandleAsync(HttpContext http, Exception exception, CancellationToken cancellationToken)
    {
        var (status, detail) = exception switch
        {
            BadHttpRequestException bad => (bad.StatusCode, bad.Message),
            _ when IsDatabaseAway(exception) => (StatusCodes.Status503ServiceUnavailable, "The database does not answer. Try again shortly."),
            _ => (0, ""),
        };
        if (status == 0)
            return ValueTask.FromResult(false);

        http.Response.StatusCode = status;
        if (status == StatusCodes.Status503ServiceUnavailable)
            http.Response.Headers.RetryAfter = "1";

        return problems.TryWriteAsync(new ProblemDetailsContext
        {
            HttpContext = http,
            ProblemDetails = { Status = status, Detail = detail },
            Exception = exception,
        });
    }

    private static bool IsDatabaseAway(Exception exception) => exception switch
    {
        SqliteException sqlite => sqlite.SqliteErrorCode is SqliteBusy or SqliteLocked,
        DbException database => database.IsTransient || database.InnerException is SocketException or IOException or TimeoutException,

        // Npgsql passes on what its name lookup and its first connection throw.
        SocketException => true,
        _ => false,
    };
}
