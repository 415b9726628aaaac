namespace OrleansLog.Client.Tests;

/// <summary>Tests that share one silo, one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class SiloCollection : ICollectionFixture<SiloFixture>
{
    public const string Name = "silo";
}
