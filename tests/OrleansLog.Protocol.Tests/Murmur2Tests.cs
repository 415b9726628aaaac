using OrleansLog.TestKit;

namespace OrleansLog.Protocol.Tests;

public class Murmur2Tests
{
    [Fact]
    public void Golden_hashes_and_partitions_are_ours()
    {
        foreach (var line in Golden.Lines("values", "keys.jsonl"))
        {
            byte[] key = Convert.FromHexString(line.GetProperty("bytes").GetString()!);
            Assert.Equal(line.GetProperty("murmur2").GetInt32(), Murmur2.Hash(key));
            Assert.Equal(line.GetProperty("partitionOf12").GetInt32(), Murmur2.Partition(key, 12));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void There_is_no_partition_of_none(int partitions) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Murmur2.Partition("key"u8, partitions));
}
