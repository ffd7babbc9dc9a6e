using System.Diagnostics;
using System.Globalization;
using CacheNode;

// One process of an application, driven line by line: "NUMBER COMMAND ARGUMENTS…" in, "NUMBER ANSWER…" out, many at a time. It ends with its standard input, so with whoever started it.
//   read KEY                  the value
//   until KEY VALUE MS        when the cache gave that value or a later one (a timestamp), 0 if it did not in time
//   write KEY set|remove|tag  the new value, when the write began, and when it returned
//   hammer KEYS               writes without end, each told twice: "begin KEY" before it, "done KEY VALUE" after it
//   tracking                  whether changes are told: true or false
await using var node = await Node.StartAsync(args[0], args[1]);
Console.WriteLine("ready");
while (await Console.In.ReadLineAsync() is { } line)
    _ = Task.Run(() => AnswerAsync(line.Split(' ')));

async Task AnswerAsync(string[] words)
{
    try
    {
        Console.WriteLine($"{words[0]} {await RunAsync(words)}");
    }
    catch (Exception e)
    {
        Console.WriteLine($"{words[0]} failed {e.GetType().Name}: {e.Message.ReplaceLineEndings(" ")}");
    }
}

async Task<string> RunAsync(string[] words) => words[1] switch
{
    "read" => (await node.ReadAsync(words[2])).ToString(CultureInfo.InvariantCulture),
    "until" => (await node.UntilAsync(words[2], Number(words[3]), TimeSpan.FromMilliseconds(Number(words[4])))).ToString(CultureInfo.InvariantCulture),
    "write" => await WriteAsync(words[2], words[3]),
    "hammer" => await HammerAsync(words[0], (int)Number(words[2])),
    "tracking" => node.IsTracking.ToString(),
    _ => throw new ArgumentException($"There is no command '{words[1]}'."),
};

async Task<string> WriteAsync(string key, string how)
{
    var begin = Stopwatch.GetTimestamp();
    var value = await node.WriteAsync(key, how);
    return string.Create(CultureInfo.InvariantCulture, $"{value} {begin} {Stopwatch.GetTimestamp()}");
}

async Task<string> HammerAsync(string number, int keys)
{
    for (var turn = 0; ; turn++)
    {
        var key = string.Create(CultureInfo.InvariantCulture, $"k{turn % keys}");
        Console.WriteLine($"{number} begin {key}");
        var value = await node.WriteAsync(key, (turn % 3) switch { 0 => "set", 1 => "remove", _ => "tag" });
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{number} done {key} {value}"));
    }
}

static long Number(string word) => long.Parse(word, CultureInfo.InvariantCulture);
