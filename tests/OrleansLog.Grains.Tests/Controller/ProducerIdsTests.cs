namespace OrleansLog.Grains.Tests.Controller;

public sealed class ProducerIdsTests
{
    [Fact]
    public async Task Many_at_once_get_different_ids_and_the_controller_is_asked_once_for_each_block()
    {
        var blocks = 0;
        var ids = new ProducerIds((_, _) => Task.FromResult(new ProducerIdBlock(ErrorCode.None, Interlocked.Increment(ref blocks) * 10, 10)));

        var given = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Task.Run(() => ids.NextAsync(1, 5).AsTask())));

        Assert.All(given, id => Assert.Equal((ErrorCode.None, (short)0), (id.Error, id.Epoch)));
        Assert.Equal(Enumerable.Range(10, 100).Select(id => (long)id), given.Select(id => id.ProducerId).Order());
        Assert.Equal(10, blocks);
    }

    [Fact]
    public async Task Between_two_controllers_the_producer_is_told_to_try_again()
    {
        var isThere = false;
        var ids = new ProducerIds((_, _) => isThere
            ? Task.FromResult(new ProducerIdBlock(ErrorCode.None, 0, 1))
            : Task.FromException<ProducerIdBlock>(new TimeoutException()));
        Assert.Equal(ErrorCode.CoordinatorLoadInProgress, (await ids.NextAsync(1, 5)).Error);
        isThere = true;
        Assert.Equal(0, (await ids.NextAsync(1, 5)).ProducerId);
    }
}
