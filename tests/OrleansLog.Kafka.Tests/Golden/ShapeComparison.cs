using System.Collections;
using OrleansLog.Protocol;

namespace OrleansLog.Kafka.Tests.Golden;

/// <summary>
/// Holds our answer to the recorded one, field by field: the same values, nulls and sentinels. What a broker makes up is learned,
/// and has to stay the same from then on; what else may differ is listed in <see cref="AllowedDifferences"/>.
/// </summary>
internal sealed class ShapeComparison(RecordedExchange exchange, Substitutions substitutions)
{
    private readonly List<string> _differences = [];

    public static IReadOnlyList<string> Compare(RecordedExchange exchange, object recorded, object ours, Substitutions substitutions)
    {
        var comparison = new ShapeComparison(exchange, substitutions);
        comparison.Struct(recorded, ours, "");
        return comparison._differences;
    }

    private void Struct(object recorded, object ours, string path)
    {
        foreach (var (property, value) in MessageFields.Of(recorded))
            Field(property.Name, value, property.GetValue(ours), $"{path}.{property.Name}");
    }

    private void Field(string name, object? recorded, object? ours, string path)
    {
        if (AllowedDifferences.MayDiffer(exchange, path, recorded, ours))
            return;

        if (recorded is null || ours is null)
            Expect(recorded is null && ours is null, path, recorded, ours);
        else if (recorded is IList recordedList)
            List(recordedList, (IList)ours, path);
        else if (MessageFields.IsStruct(recorded))
            Struct(recorded, ours, path);
        else if (Substitutions.IsMadeUp(name) && !IsNothing(recorded))
            Expect(!IsNothing(ours) && substitutions.Learn(recorded, ours), path, substitutions.Translate(recorded), ours);
        else
            Expect(IsSame(name, recorded, ours), path, recorded, ours);
    }

    private void List(IList recorded, IList ours, string path)
    {
        var left = ours.Cast<object>().ToList();
        for (var i = 0; i < recorded.Count; i++)
        {
            var element = recorded[i]!;
            var key = MessageFields.KeyOf(element, substitutions.Translate);
            var at = key is null ? (i < ours.Count ? left.IndexOf(ours[i]!) : -1) : left.FindIndex(other => Equals(MessageFields.KeyOf(other, static value => value), key));
            var elementPath = $"{path}[{key ?? i}]";
            if (at < 0)
            {
                if (!AllowedDifferences.MayBeMissing(exchange, path, element))
                    _differences.Add($"{exchange}: {elementPath} is missing");
            }
            else
            {
                Field("", element, left[at], elementPath);
                left.RemoveAt(at);
            }
        }

        _differences.AddRange(left.Where(extra => !AllowedDifferences.MayBeExtra(exchange, path, extra))
            .Select(extra => $"{exchange}: {path} has {MessageFields.KeyOf(extra, static value => value) ?? extra} too much"));
    }

    private static bool IsSame(string name, object recorded, object ours) => (recorded, ours) switch
    {
        // The words are our own; whether there are any is not.
        (string theirs, string words) when name == "ErrorMessage" => theirs.Length == 0 == (words.Length == 0),
        (ReadOnlyMemory<byte> theirs, ReadOnlyMemory<byte> bytes) => theirs.IsEmpty == bytes.IsEmpty,
        _ => recorded.Equals(ours),
    };

    private static bool IsNothing(object value) => value is "" or 0 or (-1L) or Uuid { IsZero: true };

    private void Expect(bool isSame, string path, object? recorded, object? ours)
    {
        if (!isSame)
            _differences.Add($"{exchange}: {path} is {Show(ours)}, recorded {Show(recorded)}");
    }

    private static string Show(object? value) => value switch
    {
        null => "null",
        ReadOnlyMemory<byte> bytes => $"{bytes.Length} bytes",
        string text => $"\"{text}\"",
        _ => value.ToString()!,
    };
}
