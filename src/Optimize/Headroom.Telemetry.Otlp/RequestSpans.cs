using System.Diagnostics;
using System.Globalization;
using Headroom.Telemetry.Timings;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Configuration;

namespace Headroom.Telemetry.Otlp;

/// <summary>
/// Gives the span of a request what is known at its end only: its name <c>GET /orders/{id}</c>, the route, the status and the error, as OpenTelemetry's conventions for HTTP server spans have them
/// (https://opentelemetry.io/docs/specs/semconv/http/http-spans/). ASP.NET Core 10 writes what it knows at the beginning, under one name for all. In front of everything that the application has in its pipeline.
/// </summary>
internal sealed class RequestSpans(IConfiguration configuration) : IStartupFilter
{
    const string MethodTag = "http.request.method";

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        if (OtlpSettings.Read(configuration).Traces)
            app.Use(following => context => context.Features.Get<IHttpActivityFeature>()?.Activity is { IsAllDataRequested: true } span ? RunAsync(context, span, following) : following(context));
        next(app);
    };

    static async Task RunAsync(HttpContext context, Activity span, RequestDelegate following)
    {
        try
        {
            await following(context);
            var status = context.Response.StatusCode;
            Describe(span, context, status);
            if (status >= StatusCodes.Status500InternalServerError)
                Fail(span, context.Features.Get<IExceptionHandlerFeature>()?.Error.GetType().FullName ?? status.ToString(CultureInfo.InvariantCulture));
        }
        catch (Exception thrown)
        {
            var status = RequestOutcome.StatusOf(context, thrown);
            Describe(span, context, status);
            if (status >= StatusCodes.Status500InternalServerError || BreaksOff(context, thrown))
                Fail(span, thrown.GetType().FullName!);
            throw;
        }
    }

    static void Describe(Activity span, HttpContext context, int status)
    {
        var route = RequestOutcome.RouteOf(context);
        if (span.DisplayName == span.OperationName)
        {
            // What is no method that the conventions know is not put into a name.
            var method = span.GetTagItem(MethodTag) is string known and not "_OTHER" ? known : "HTTP";
            span.DisplayName = route is null ? method : $"{method} {route}";
        }

        if (route is not null)
            span.SetTag("http.route", route);
        span.SetTag("http.response.status_code", status);
    }

    static void Fail(Activity span, string type)
    {
        span.SetTag("error.type", type);
        span.SetStatus(ActivityStatusCode.Error);
    }

    /// <summary>An answer that had begun with a good status and is cut now, by no fault of the client's.</summary>
    static bool BreaksOff(HttpContext context, Exception thrown) =>
        context.Response.HasStarted && thrown is not BadHttpRequestException && !context.RequestAborted.IsCancellationRequested;
}
