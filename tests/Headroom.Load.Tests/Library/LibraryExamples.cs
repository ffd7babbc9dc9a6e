using Headroom.Load;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Headroom.Examples;

/// <summary>What src/Measure/Headroom.Load/README.md and docs/library.md show; LibraryDocumentsTests holds them together.</summary>
internal static class LibraryExamples
{
    public static async Task PackageAsync(Uri address)
    {
        var result = await LoadPlan.Create("chats")
            .BaseAddress(address)
            .Get("/api/v2/chats", chats => chats.CheckStatus(200))
            .AtRate(50).For(TimeSpan.FromSeconds(5))
            .Threshold("p99<2s", "errors<0.1%")
            .RunAsync();

        Console.WriteLine($"{result.Throughput:0} requests/s, p99 {result.Latency.P99.TotalMilliseconds} ms");
        result.ThrowIfFailed();
    }

    public static async Task PlanFileAsync(string plan, string file)
    {
        var result = LoadResult.Of(await LoadRun.RunAsync(LoadPlanFile.Read(plan)));
        result.Save(file);
    }

    public static async Task InProcessAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var app = builder.Build();
        app.MapGet("/chats", () => Results.Text("[]", "application/json"));
        await app.StartAsync();

        var result = await LoadPlan.Create("chats")
            .BaseAddress(app.Urls.Single())
            .Get("/chats", chats => chats.CheckStatus(200).CheckHeader("Content-Type", "application/json"))
            .Users(2).For(TimeSpan.FromSeconds(1))
            .RunAsync();
        result.ThrowIfFailed();
    }

    public static LoadPlanBuilder Requests(Uri address)
    {
        var plan = LoadPlan.Create("shop")
            .BaseAddress(address)
            .Header("Authorization", "Bearer ${token}")
            .Feeder("users", new[] { new { name = "ann", age = 31 }, new { name = "bob", age = 27 } }, FeederOrder.Random)
            .Setup(setup => setup.Post("/login", new { user = "demo" }, login => login.Extract("token", "$.token")))
            .Get("/list?user=${users.name}", list => list.Named("list").Weight(5).CheckJson("$.ok", "true"))
            .Post("/orders", new { user = "${users.name}", age = "${users.age | raw}", id = "${uuid}" }, order => order.Named("order").CheckStatus(200, 201))
            .Flow("browse", browse => browse
                .Get("/list", list => list.Extract("first", "$.items[0].id"))
                .Think(TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(300))
                .Get("/items/${first}", item => item.Named("item")));
        return plan;
    }

    public static LoadPlanBuilder Load(LoadPlanBuilder plan)
    {
        plan.WarmUp(TimeSpan.FromSeconds(2))
            .AtRate(500, connections: 100).For(TimeSpan.FromSeconds(30))
            .AtRate(10).RampTo(200, TimeSpan.FromMinutes(1)).For(TimeSpan.FromMinutes(2))
            .Users(50, name: "evening").For(TimeSpan.FromMinutes(5))
            .Iterations(1000, users: 20);
        return plan;
    }

    public static void Figures(LoadResult result)
    {
        TimeSpan p99 = result.Latency.P99, p9999 = result.Latency.Percentile(99.99);
        double perSecond = result.Throughput, share = result.ErrorRate;
        long created = result.StatusCodes.GetValueOrDefault(201);
        TimeSpan ofOrders = result.PerRequest["order"].Latency.P95;
        result.ThrowIfFailed();
        result.Assert("p95{order}<30s", "errors{list}<0.1%");
        GC.KeepAlive((p99, p9999, perSecond, share, created, ofOrders));
    }
}
