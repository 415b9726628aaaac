using System.Text;
using OrleansLog.Core.Controller;

namespace OrleansLog.Core.Tests.Controller;

public class MetadataRecordTests
{
    [Fact]
    public void A_version_is_readable_by_eye()
    {
        var payload = MetadataRecordCodec.Encode(7, 2, [new TopicRecord(Guid.Empty, "orders")]);

        Assert.Equal(
            """{"version":7,"epoch":2,"records":[{"type":"topic","v":0,"data":{"id":"00000000-0000-0000-0000-000000000000","name":"orders"}}]}""",
            Encoding.UTF8.GetString(payload));
    }

    [Fact]
    public void A_configuration_that_was_removed_can_be_read_again()
    {
        var removed = new ConfigRecord(ConfigOwnerKind.Topic, "orders", "retention.ms", null);
        Assert.Equal([removed], MetadataRecordCodec.Decode(MetadataRecordCodec.Encode(1, 1, [removed])).Records);
    }

    [Fact]
    public void What_may_be_null_may_be_missing_because_nulls_are_not_written()
    {
        var nullability = new System.Reflection.NullabilityInfoContext();
        var parameters = typeof(MetadataRecord).Assembly.GetTypes()
            .Where(type => type.IsSubclassOf(typeof(MetadataRecord)) && type != typeof(UnknownRecord))
            .SelectMany(type => type.GetConstructors()).SelectMany(constructor => constructor.GetParameters())
            .Where(parameter => nullability.Create(parameter).ReadState == System.Reflection.NullabilityState.Nullable);
        Assert.All(parameters, parameter => Assert.True(parameter.IsOptional, $"{parameter.Member.DeclaringType!.Name}.{parameter.Name}"));
    }

    [Fact]
    public void An_unknown_optional_record_is_kept_through_image_and_snapshot()
    {
        const string Text = """{"version":1,"epoch":1,"records":[{"type":"weather","v":3,"optional":true,"data":{"sky":["blue"]}}]}""";
        var batch = MetadataRecordCodec.Decode(Encoding.UTF8.GetBytes(Text));
        var image = MetadataImage.Empty.Apply(1, batch.Records).Current;

        Assert.Equal(Text, Encoding.UTF8.GetString(MetadataRecordCodec.Encode(1, 1, image.ToRecords())));
    }

    [Theory]
    [InlineData("""{"version":9,"epoch":1,"records":[{"type":"weather","v":3,"data":{}}]}""", "\"weather\" of schema 3")]
    [InlineData("""{"version":9,"epoch":1,"records":[{"type":"topic","v":1,"data":{}}]}""", "\"topic\" of schema 1")]
    [InlineData("""{"version":9,"epoch":1,"records":[{"type":"topic","v":0,"data":{"id":"x"}}]}""", "cannot be read")]
    [InlineData("""{"version":9,"epoch":1,"records":[{"type":"topic","v":0,"data":{"id":"00000000-0000-0000-0000-000000000000","name":"a","colour":1}}]}""", "cannot be read")]
    [InlineData("""{"version":9,"epoch":1,"records":[{"type":"topic","v":0,"data":null}]}""", "cannot be read")]
    [InlineData("""{"version":9,"epoch":1}""", "cannot be read")]
    [InlineData("""{"version":"9","epoch":1,"records":[]}""", "cannot be read")]
    [InlineData("""[]""", "cannot be read")]
    [InlineData("""{"version":9,"ep""", "cannot be read")]
    [InlineData("", "cannot be read")]
    public void What_cannot_be_understood_is_a_clear_error(string text, string says)
    {
        var error = Assert.Throws<MetadataFormatException>(() => MetadataRecordCodec.Decode(Encoding.UTF8.GetBytes(text)));

        Assert.Contains(says, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_version_that_is_missing_or_doubled_is_refused()
    {
        Assert.Throws<MetadataFormatException>(() => MetadataImage.Empty.Apply(2, []));
        Assert.Throws<MetadataFormatException>(() => MetadataImage.Empty.Apply(1, []).Current.Apply(1, []));
    }

    [Fact]
    public void A_change_of_what_does_not_exist_is_refused()
    {
        Assert.Throws<MetadataFormatException>(() => MetadataImage.Empty.Apply(1, [new TopicRemovedRecord(Guid.NewGuid())]));
        Assert.Throws<MetadataFormatException>(() => MetadataImage.Empty.Apply(1, [new BrokerChangeRecord { Id = 1, Epoch = 1, Fenced = false }]));
        Assert.Throws<MetadataFormatException>(() => MetadataImage.Empty.Apply(1, [new PartitionChangeRecord { TopicId = default, Partition = 0, PartitionEpoch = 1 }]));
    }

    [Fact]
    public void A_finalized_metadata_version_of_a_newer_build_is_refused() =>
        Assert.Throws<MetadataFormatException>(() => MetadataImage.Empty.Apply(1, [new FeatureLevelRecord(MetadataVersions.FeatureName, MetadataVersions.Max + 1)]));

    [Fact]
    public void An_image_tells_which_partitions_changed_and_no_others()
    {
        var controller = new ControllerFixture().WithBrokers(1, 2).WithTopic("a", partitions: 4);
        var before = controller.Image;
        controller.Heartbeat(1, wantsFence: true);
        var led = before.FindTopic("a")!.Partitions.Where(partition => partition.Leader == 1).Select(partition => partition.Partition);

        var delta = MetadataDelta.Between(before, controller.Image);
        var applied = before.Apply(controller.Image.Version, MetadataRecordCodec.Decode(controller.Log[^1]).Records);

        Assert.Equal(led, delta.ChangedPartitions.Select(id => id.Partition).Order());
        Assert.Equal(led, applied.ChangedPartitions.Select(id => id.Partition).Order());
        Assert.Equal([1], applied.ChangedBrokers);
    }
}
