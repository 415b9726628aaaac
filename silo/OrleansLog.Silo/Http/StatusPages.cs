using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using OrleansLog.Hosting.Health;

namespace OrleansLog.Silo.Http;

/// <summary>/healthz/live, /healthz/ready, which /healthz is too, and a summary of the silo at /.</summary>
internal static class StatusPages
{
    public static void Map(WebApplication app)
    {
        app.UseHealthChecks("/healthz/live", new HealthCheckOptions { Predicate = _ => false });
        app.UseHealthChecks("/healthz/ready");
        app.UseHealthChecks("/healthz");
        app.Run(async context =>
        {
            if (context.Request.Path != "/" || !HttpMethods.IsGet(context.Request.Method))
            {
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                return;
            }

            var status = context.RequestServices.GetRequiredService<NodeStatus>();
            await context.Response.WriteAsJsonAsync(Summary.Of(status), SummaryJson.Default.Summary);
        });
    }
}

/// <summary>The page at /.</summary>
internal sealed record Summary(int NodeId, string ClusterId, bool Ready, long BrokerEpoch, long MetadataVersion, int Topics, int Partitions)
{
    public static Summary Of(NodeStatus status) =>
        new(status.NodeId, status.ClusterId, status.IsReady, status.BrokerEpoch, status.MetadataVersion, status.Topics, status.Partitions);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(Summary))]
internal sealed partial class SummaryJson : JsonSerializerContext;
