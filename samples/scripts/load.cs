#!/usr/bin/env dotnet
#:project ../../src/Measure/Headroom.Load/Headroom.Load.csproj
#:property PublishAot=false

// A load test in one file: dotnet run -c Release samples/scripts/load.cs http://127.0.0.1:5080
using Headroom.Load;

if (args is not [var address, ..])
{
    Console.Error.WriteLine("usage: dotnet run -c Release load.cs ADDRESS [RUN_FILE]");
    return 2;
}

var result = await LoadPlan.Create("chats")
    .BaseAddress(address)
    .Get("/api/v2/chats", chats => chats.Weight(3).CheckStatus(200))
    .Post("/api/v2/messages/send", new { chatId = 7, text = "from VU ${vu}" }, send => send.Named("send"))
    .WarmUp(TimeSpan.FromSeconds(1))
    .AtRate(50).For(TimeSpan.FromSeconds(2))
    .Threshold("p99<2s", "errors<0.1%")
    .RunAsync();

Console.WriteLine(result);
if (args is [_, var file, ..])
    result.Save(file);
return result.Passed ? 0 : 1;
