using System.Collections.Immutable;
using System.Globalization;
using OrleansLog.Core.Configuration;
using OrleansLog.Protocol;

namespace OrleansLog.Core.Controller;

public sealed partial class ControllerState
{
    /// <summary>Changes configurations, each owner for itself; with <paramref name="validateOnly"/> only says what would happen.</summary>
    public Decision<ConfigAnswer[]> AlterConfigs(IReadOnlyList<AlterConfig> alterations, bool validateOnly)
    {
        var records = new List<MetadataRecord>();
        var answers = new ConfigAnswer[alterations.Count];
        var repeated = Repeated(alterations.Select(alteration => alteration.Owner));
        for (var i = 0; i < alterations.Count; i++)
        {
            var (owner, edits, replaceAll) = alterations[i];
            var wrong = repeated.Contains(owner)
                ? (ErrorCode.InvalidRequest, $"{owner.Kind} {owner.Name} is named twice in one request")
                : Alter(owner, edits, replaceAll, records);
            answers[i] = new ConfigAnswer(owner, wrong?.Error ?? ErrorCode.None, wrong?.Message);
        }

        if (validateOnly)
        {
            return Decide(answers);
        }

        AddElectionsOfRules(records);
        return Decide(answers, records);
    }

    /// <summary>
    /// A lower <c>min.insync.replicas</c> lets the high watermark move without those in the ELR, so they leave it with the very version
    /// that changes it; <c>unclean.leader.election.enable</c> elects where nobody leads.
    /// </summary>
    private void AddElectionsOfRules(List<MetadataRecord> records)
    {
        var owners = records.OfType<ConfigRecord>().Where(record => record.Key is "min.insync.replicas" or "unclean.leader.election.enable")
            .Select(record => new ConfigOwner(record.Kind, record.Owner)).ToHashSet();
        if (owners.Count == 0)
        {
            return;
        }

        var image = After(records);
        foreach (var (name, id) in image.TopicIds)
        {
            var topic = image.Topics[id];
            if (!owners.Contains(ConfigOwner.Topic(name)) && !owners.Contains(ConfigOwner.AllBrokers))
            {
                continue;
            }

            var rules = RulesOf(image, topic);
            records.AddRange(topic.Partitions.Select(partition => PartitionElection.Elect(image, id, partition, partition, rules)).OfType<MetadataRecord>());
        }
    }

    private (ErrorCode Error, string Message)? Alter(ConfigOwner owner, IReadOnlyList<EditConfig> edits, bool replaceAll, List<MetadataRecord> records)
    {
        if (RefuseOwner(owner) is { } refusal)
        {
            return refusal;
        }

        var before = Latest.ConfigsOf(owner);
        var after = (replaceAll ? before.Clear() : before).ToBuilder();
        if (Repeated(edits.Select(edit => edit.Key)).FirstOrDefault() is { } repeated)
        {
            return (ErrorCode.InvalidRequest, $"{repeated} is changed twice in one request");
        }

        foreach (var edit in edits)
        {
            if (Apply(owner, edit, after) is { } wrong)
            {
                return wrong;
            }
        }

        if (Validate(owner, before, after) is { } problem)
        {
            return (ErrorCode.InvalidConfig, problem.Message);
        }

        records.AddRange(before.Keys.Where(key => !after.ContainsKey(key)).Select(key => new ConfigRecord(owner.Kind, owner.Name, key, null)));
        records.AddRange(after.Where(pair => before.GetValueOrDefault(pair.Key) != pair.Value)
            .Select(pair => new ConfigRecord(owner.Kind, owner.Name, pair.Key, pair.Value)));
        return null;
    }

    private (ErrorCode Error, string Message)? RefuseOwner(ConfigOwner owner)
    {
        switch (owner.Kind)
        {
            case ConfigOwnerKind.Topic:
                return Latest.TopicIds.ContainsKey(owner.Name)
                    ? null
                    : (ErrorCode.UnknownTopicOrPartition, $"topic {owner.Name} does not exist");
            case ConfigOwnerKind.Broker:
                // Written as the broker reads it: under "01" it would be kept, and do nothing.
                return owner.Name.Length == 0 ? null
                    : !int.TryParse(owner.Name, NumberStyles.None, CultureInfo.InvariantCulture, out var id) || id.ToString(CultureInfo.InvariantCulture) != owner.Name
                        ? (ErrorCode.InvalidRequest, $"\"{owner.Name}\" is not a broker id; leave it empty for all brokers")
                    : Latest.FindBroker(id) is null ? (ErrorCode.InvalidRequest, $"there is no broker {id}")
                    : null;
            default:
                return (ErrorCode.InvalidRequest, $"resource type {(int)owner.Kind} has no configuration here");
        }
    }

    private (ErrorCode Error, string Message)? Apply(ConfigOwner owner, EditConfig edit, ImmutableSortedDictionary<string, string>.Builder values)
    {
        if (edit.Edit == ConfigEdit.Delete || (edit.Edit == ConfigEdit.Set && edit.Value is null))
        {
            values.Remove(edit.Key);
            return null;
        }

        if (edit.Edit == ConfigEdit.Set)
        {
            values[edit.Key] = edit.Value!;
            return null;
        }

        var definition = owner.Kind == ConfigOwnerKind.Topic ? TopicConfigs.Find(edit.Key) : BrokerConfigs.Find(edit.Key);
        if (definition is not { Type: ConfigType.List } || edit.Edit is not (ConfigEdit.Append or ConfigEdit.Subtract))
        {
            return (ErrorCode.InvalidConfig, $"{edit.Key} is not a list; only lists can be appended to or subtracted from");
        }

        var inherited = owner.Kind == ConfigOwnerKind.Topic ? ConfigOf(Latest, owner.Name).Entry(edit.Key)?.Value : definition.Default;
        var elements = Elements(values.GetValueOrDefault(edit.Key) ?? inherited);
        var named = Elements(edit.Value);
        values[edit.Key] = string.Join(',', edit.Edit == ConfigEdit.Append ? elements.Union(named) : elements.Except(named));
        return null;
    }

    private ConfigError? Validate(ConfigOwner owner, ImmutableSortedDictionary<string, string> before, ImmutableSortedDictionary<string, string>.Builder after)
    {
        if (owner.Kind == ConfigOwnerKind.Topic)
        {
            return TopicConfig.Validate(Config, after.ToImmutable()) is [var problem, ..] ? problem : null;
        }

        foreach (var (key, value) in after)
        {
            if (before.GetValueOrDefault(key) != value && RefuseBrokerValue(key, value) is { } problem)
            {
                return problem;
            }
        }

        return null;
    }

    /// <summary>Nothing is taken that would do nothing: the caller would believe that it had an effect.</summary>
    private static ConfigError? RefuseBrokerValue(string key, string value)
    {
        if (BrokerConfigs.Find(key) is not { } definition)
        {
            return new ConfigError(key, value, "a broker configuration key");
        }

        var shown = definition.IsSensitive ? null : value;
        if (!definition.IsDynamic)
        {
            return new ConfigError(key, shown, "to be set where the broker starts; it cannot change while it runs");
        }

        return definition.Support == ConfigSupport.NotYet
            ? new ConfigError(key, shown, $"a key that has an effect; this one has none yet: {definition.SupportNote}")
            : definition.Check(value);
    }

    private static string[] Elements(string? list) =>
        (list ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
