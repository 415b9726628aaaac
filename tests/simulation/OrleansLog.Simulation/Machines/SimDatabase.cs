using OrleansLog.Core.Controller;

namespace OrleansLog.Simulation;

/// <summary>What became of an append.</summary>
internal enum AppendAnswer
{
    Written,
    Lost,
    Failed,
}

/// <summary>The database with the metadata log: a version is written once, by whoever comes first (D2).</summary>
internal sealed class SimDatabase(World world)
{
    private readonly List<MetadataImage> _versions = [MetadataImage.Empty];

    /// <summary>The database's machine, which does not fail: it only does not answer.</summary>
    public SimNode Node { get; } = new(0);

    public bool IsAnswering { get; set; } = true;

    /// <summary>What all versions together say: the truth.</summary>
    public MetadataImage Image => _versions[^1];

    /// <summary>What all versions up to one say.</summary>
    public MetadataImage At(long version) => _versions[(int)version];

    /// <summary>Appends, when the request arrives; the answer may be lost.</summary>
    public void Append(SimNode from, MetadataBatch batch, Action<AppendAnswer> answer)
    {
        var asker = from.Process;
        world.Network.Send(from, Node.Process, Step.AppendLog, () =>
        {
            var outcome = Write(batch);
            world.Network.Send(Node, asker, Step.LogAnswered, () => answer(outcome));
        });
    }

    private AppendAnswer Write(MetadataBatch batch)
    {
        var outcome = !IsAnswering ? AppendAnswer.Failed : batch.Version == Image.Version + 1 ? AppendAnswer.Written : AppendAnswer.Lost;
        if (outcome == AppendAnswer.Written)
        {
            _versions.Add(Image.Apply(batch.Version, batch.Records).Current);
            world.Trace.Note(Step.Persisted, world.NowMs, 0, batch.Version, batch.Records.Count, batch.ControllerEpoch);
            world.Metadata.Persisted(batch);
        }

        return outcome;
    }

    /// <summary>Reads everything; null where the database does not answer.</summary>
    public void Read(SimNode from, Step step, Action<MetadataImage?> answer)
    {
        var asker = from.Process;
        world.Network.Send(from, Node.Process, step, () =>
        {
            var image = IsAnswering ? Image : null;
            world.Network.Send(Node, asker, Step.LogAnswered, () => answer(image));
        });
    }
}
