using OrleansLog.TestKit;

namespace OrleansLog.Core.Tests.Configuration;

public class ConfigurationPageTests
{
    private static readonly string Page = Repository.PathOf("docs", "reference", "configuration.md");

    [Fact]
    public void The_reference_page_is_what_the_tables_say()
    {
        var expected = ConfigurationPage.Render();
        if (Environment.GetEnvironmentVariable("ORLEANSLOG_UPDATE_DOCS") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Page)!);
            File.WriteAllText(Page, expected);
        }

        Assert.True(
            File.Exists(Page) && File.ReadAllText(Page).ReplaceLineEndings("\n") == expected,
            "docs/reference/configuration.md is stale: run this test with ORLEANSLOG_UPDATE_DOCS=1 and commit the page.");
    }
}
