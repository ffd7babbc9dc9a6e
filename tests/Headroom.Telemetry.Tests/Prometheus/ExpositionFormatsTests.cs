using Headroom.Telemetry.Prometheus;
using Microsoft.Extensions.Primitives;

namespace Headroom.Telemetry.Tests.Prometheus;

public sealed class ExpositionFormatsTests
{
    [Theory]
    [InlineData("application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1")] // Prometheus 2
    [InlineData("application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2")] // Prometheus 3
    [InlineData("application/openmetrics-text")]
    [InlineData("Application/OpenMetrics-Text; Version=\"1.0.0\"")]
    [InlineData("application/openmetrics-text, */*")] // equal, but named
    [InlineData("text/plain;q=0.5, application/*")]
    public void Choose_OpenMetricsPreferred_IsOpenMetrics(string accept) =>
        Assert.Equal(ExpositionFormat.OpenMetrics, ExpositionFormats.Choose(accept));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("*/*")]
    [InlineData("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")] // a browser
    [InlineData("text/plain")]
    [InlineData("text/*, application/*")]
    [InlineData("application/openmetrics-text;q=0.5, text/plain")]
    [InlineData("application/openmetrics-text, text/plain")]
    [InlineData("application/openmetrics-text;q=0")]
    [InlineData("application/openmetrics-text;q=0, application/json")]
    [InlineData("application/openmetrics-text; version=0.0.1")]
    [InlineData("application/openmetrics-text; version=2.0.0, text/plain;q=0.1")]
    [InlineData("application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited")]
    [InlineData("application/json")]
    [InlineData(";;;,,q=x\u0001")]
    public void Choose_AnythingElse_IsText(string? accept) => Assert.Equal(ExpositionFormat.Text, ExpositionFormats.Choose(accept));

    [Fact]
    public void Choose_SeveralFields_CountTogether() =>
        Assert.Equal(ExpositionFormat.OpenMetrics, ExpositionFormats.Choose(new StringValues(["text/plain;q=0.5", "application/openmetrics-text;version=1.0.0"])));
}
