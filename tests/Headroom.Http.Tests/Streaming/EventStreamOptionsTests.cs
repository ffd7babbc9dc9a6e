using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Headroom.Http.Tests.Streaming;

public sealed class EventStreamOptionsTests
{
    [Fact]
    public void Options_OfTheConfiguration_AreRead()
    {
        var options = Read(("HeartBeat", "00:00:05"), ("Deadline", ""), ("BufferEvents", "7"), ("BacklogWait", "00:00:01"), ("SendStart", "false"));

        Assert.Equal(TimeSpan.FromSeconds(5), options.HeartBeat);
        Assert.Null(options.Deadline);
        Assert.Equal(7, options.BufferEvents);
        Assert.Equal(TimeSpan.FromSeconds(1), options.BacklogWait);
        Assert.False(options.SendStart);
        Assert.Equal(TimeSpan.FromSeconds(10), options.WriteTimeout);
    }

    [Fact]
    public void Options_WithMistakes_TellThemAllAtOnce()
    {
        var refused = Assert.Throws<OptionsValidationException>(() =>
            Read(("HeartBeat", "0"), ("Deadline", "soon"), ("BufferEvents", "0"), ("BufferBytes", "1023"), ("MaxClients", "10000001"), ("ResumeWindow", "-00:00:01"), ("Key", "x")));

        Assert.Equal(7, refused.Failures.Count());
        Assert.Contains("Headroom:Streaming:HeartBeat is 00:00:00; allowed are 00:00:00.0100000 to 1.00:00:00.", refused.Failures);
        Assert.Contains(refused.Failures, failure => failure.StartsWith("'Headroom:Streaming:Key' is not a setting", StringComparison.Ordinal));
        Assert.Contains("'Headroom:Streaming:Deadline' is 'soon'; write a time as hours:minutes:seconds, for example 00:01:30.", refused.Failures);
    }

    static EventStreamOptions Read(params (string Name, string Value)[] settings)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(each => KeyValuePair.Create($"{EventStreamOptions.SectionName}:{each.Name}", (string?)each.Value)))
            .Build();
        var services = new ServiceCollection().AddSingleton<IConfiguration>(configuration).AddHeadroomStreaming();
        return services.BuildServiceProvider().GetRequiredService<IOptions<EventStreamOptions>>().Value;
    }
}
