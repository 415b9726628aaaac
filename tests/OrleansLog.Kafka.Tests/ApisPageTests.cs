using System.Text.RegularExpressions;
using OrleansLog.Protocol.Messages;
using OrleansLog.TestKit;

namespace OrleansLog.Kafka.Tests;

/// <summary>docs/reference/kafka-apis.md tells what the broker advertises, and nothing else.</summary>
public sealed partial class ApisPageTests
{
    [Fact]
    public async Task The_page_has_every_api_that_is_advertised_at_its_versions()
    {
        await using var broker = await KafkaBroker.StartAsync();
        using var client = await broker.ConnectAsync();

        var advertised = (await client.SendAsync<ApiVersionsResponseData>(new ApiVersionsRequestData(), 0)).ApiKeys
            .Select(api => $"| {api.ApiKey} | {ApiCatalog.NameOf((ApiKey)api.ApiKey)} | {api.MinVersion}-{api.MaxVersion} |");
        var table = string.Join('\n', advertised);
        var path = Repository.PathOf("docs", "reference", "kafka-apis.md");
        var page = File.ReadAllText(path);
        var written = Table().Match(page);
        if (Environment.GetEnvironmentVariable("ORLEANSLOG_UPDATE_DOCS") == "1")
            File.WriteAllText(path, page[..written.Index] + table + page[(written.Index + written.Length)..]);
        else
            Assert.True(table == written.Value, $"The table is not what is advertised; ORLEANSLOG_UPDATE_DOCS=1 writes it:\n{table}");
    }

    [GeneratedRegex(@"(?<=\|---\|---\|---\|\n)(\|[^\n]*\n?)*(?<!\n)")]
    private static partial Regex Table();
}
