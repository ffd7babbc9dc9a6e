using System.Diagnostics;
using System.Globalization;
using CapacityServer.Models;

// A server whose limit is known: CapacityServer KIND PORT. It prints "ready LIMIT" and ends with its standard input, so with whoever started it.
if (args is not [var kind, var port] || !ServerModel.Kinds.Contains(kind))
{
    Console.Error.WriteLine($"write a kind ({string.Join(", ", ServerModel.Kinds)}) and a port of 127.0.0.1, such as: pool 5090");
    return 2;
}

var model = ServerModel.Create(kind, seed: 1);
var gate = new object();
new Thread(AnswerForEver) { IsBackground = true, Name = "answers" }.Start();

var builder = WebApplication.CreateSlimBuilder();
builder.Logging.ClearProviders();
builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
var app = builder.Build();
app.MapGet("/", async context =>
{
    var answered = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
    lock (gate)
    {
        model.Arrive(Now(), status => answered.SetResult(status));
        Monitor.Pulse(gate);
    }

    context.Response.StatusCode = await answered.Task;
    await context.Response.WriteAsync("ok");
});
await app.StartAsync();
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"ready {model.LimitPerSecond:0.##}"));
while (await Console.In.ReadLineAsync() is not null)
{
}

await app.StopAsync();
return 0;

static double Now() => Stopwatch.GetTimestamp() / (double)Stopwatch.Frequency;

void AnswerForEver()
{
    lock (gate)
    {
        while (true)
        {
            model.AnswerUntil(Now());
            var wait = model.NextAnswer - Now();
            if (double.IsPositiveInfinity(wait))
                Monitor.Wait(gate);
            else if (wait > 0)
                Monitor.Wait(gate, TimeSpan.FromMilliseconds(Math.Max(1, wait * 1000)));
        }
    }
}
