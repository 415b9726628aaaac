using System.Collections;
using System.Collections.Concurrent;
using System.Reflection;
using OrleansLog.Protocol.Messages;

namespace OrleansLog.Protocol.Tests.Messages;

/// <summary>Fills any message with random values: nulls where they may be, empty and long lists, tagged fields that nobody declared.</summary>
internal sealed class RandomMessages(int seed)
{
    private static readonly ConcurrentDictionary<PropertyInfo, bool> MayBeNull = new();

    private readonly Random _random = new(seed);

    public IMessage Fill(IMessage message)
    {
        FillObject(message);
        return message;
    }

    public byte[] Bytes(int length)
    {
        byte[] bytes = new byte[length];
        _random.NextBytes(bytes);
        return bytes;
    }

    public int Next(int below) => _random.Next(below);

    private void FillObject(object target)
    {
        foreach (PropertyInfo property in target.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            if (property.Name == nameof(ProduceRequestData.UnknownTaggedFields))
            {
                if (_random.Next(4) == 0) property.SetValue(target, UnknownTags());
                continue;
            }

            if (_random.Next(5) == 0) continue; // the default
            bool mayBeNull = MayBeNull.GetOrAdd(property, static candidate =>
                new NullabilityInfoContext().Create(candidate).WriteState == NullabilityState.Nullable);
            property.SetValue(target, mayBeNull && _random.Next(4) == 0 ? null : Value(property.PropertyType));
        }
    }

    private object Value(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(bool)) return _random.Next(2) == 0;
        if (type == typeof(sbyte)) return (sbyte)_random.Next(sbyte.MinValue, sbyte.MaxValue + 1);
        if (type == typeof(short)) return (short)_random.Next(short.MinValue, short.MaxValue + 1);
        if (type == typeof(ushort)) return (ushort)_random.Next(ushort.MaxValue + 1);
        if (type == typeof(int)) return (int)_random.NextInt64(int.MinValue, int.MaxValue + 1L);
        if (type == typeof(uint)) return (uint)_random.NextInt64(uint.MaxValue + 1L);
        if (type == typeof(long)) return _random.Next(2) == 0 ? _random.Next() : _random.NextInt64(long.MinValue, long.MaxValue);
        if (type == typeof(double)) return _random.NextDouble() * 1e9;
        if (type == typeof(Uuid)) return new Uuid(Bytes(Uuid.Size));
        if (type == typeof(ErrorCode)) return (ErrorCode)_random.Next(short.MinValue, short.MaxValue + 1);
        if (type == typeof(string)) return Text();
        if (type == typeof(ReadOnlyMemory<byte>)) return new ReadOnlyMemory<byte>(Bytes(Length()));
        if (type == typeof(Memory<byte>)) return new Memory<byte>(Bytes(Length()));
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(List<>)) return List(type);
        object inner = Activator.CreateInstance(type)!;
        FillObject(inner);
        return inner;
    }

    private IList List(Type type)
    {
        var list = (IList)Activator.CreateInstance(type)!;
        int count = _random.Next(10) == 0 ? 130 : _random.Next(4); // 130: two bytes of varint
        Type element = type.GetGenericArguments()[0];
        if (!element.IsPrimitive) count = Math.Min(count, 3);
        for (int i = 0; i < count; i++) list.Add(Value(element));
        return list;
    }

    private string Text()
    {
        string[] samples = ["", "orders", "größe", "名前", "😀", "a.b_c-d", new string('x', 130)];
        return samples[_random.Next(samples.Length)] + _random.Next(100);
    }

    private int Length() => _random.Next(20) == 0 ? MessageBuffer.ReferenceAboveBytes + 1 + _random.Next(100) : _random.Next(40);

    private List<TaggedField> UnknownTags()
    {
        var fields = new List<TaggedField>();
        int tag = -1;
        for (int left = _random.Next(1, 4); left > 0; left--)
        {
            tag += 1 + _random.Next(_random.Next(2) == 0 ? 2 : 1_000_000);
            fields.Add(new TaggedField(tag, Bytes(_random.Next(200))));
        }

        return fields;
    }
}
