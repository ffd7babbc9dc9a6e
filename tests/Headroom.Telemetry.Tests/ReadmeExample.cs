using System.Diagnostics;
using Headroom.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Headroom.Examples;

/// <summary>The example of the package's README, to the letter.</summary>
internal static class ReadmeExample
{
    public static WebApplication Build(string[] args)
    {
        var builder = WebApplication.CreateBuilder(args);
        builder.Services.AddHeadroomTelemetry(options => options.Meters.Add("MyApp"));

        var app = builder.Build();
        app.MapPrometheus();
        app.MapTelemetrySummary();
        app.MapGet("/items/{id}", (int id, DatabaseMetrics database) =>
        {
            var started = Stopwatch.GetTimestamp();
            var item = new { id, name = $"item {id}" };
            database.Record(Stopwatch.GetElapsedTime(started), "SELECT", "sqlite");
            return item;
        });
        return app;
    }
}
