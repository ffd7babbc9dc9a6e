using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ReferenceApi.Messaging;

/// <summary>Whether the database answers; asked through /health/ready at most once in five seconds.</summary>
internal sealed class DatabaseHealthCheck(MessagingQueries messaging) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        await messaging.PingAsync(cancellationToken);
        return HealthCheckResult.Healthy();
    }
}
