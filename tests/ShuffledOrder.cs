using Xunit.Abstractions;
using Xunit.Sdk;

namespace OrleansLog.Tests;

/// <summary>
/// The order of collections and of the tests in a class: as found, or shuffled by ORLEANSLOG_TESTS_SEED (tests/run --stress sets it), so
/// that a test which needs another one to have run before it is noticed. The same seed is the same order.
/// </summary>
public sealed class ShuffledOrder : ITestCaseOrderer, ITestCollectionOrderer
{
    private static readonly int? Seed =
        int.TryParse(Environment.GetEnvironmentVariable("ORLEANSLOG_TESTS_SEED"), out var seed) ? seed : null;

    public IEnumerable<TTestCase> OrderTestCases<TTestCase>(IEnumerable<TTestCase> testCases)
        where TTestCase : ITestCase => Shuffled(testCases, test => test.UniqueID);

    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections) =>
        Shuffled(testCollections, collection => collection.DisplayName);

    private static IEnumerable<T> Shuffled<T>(IEnumerable<T> items, Func<T, string> name)
    {
        if (Seed is not { } value)
            return items;

        var ordered = items.OrderBy(name, StringComparer.Ordinal).ToArray();
        new Random(value).Shuffle(ordered);
        return ordered;
    }
}
