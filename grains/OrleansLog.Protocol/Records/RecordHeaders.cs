using System.Text;

namespace OrleansLog.Protocol.Records;

/// <summary>The headers of a record, decoded as they are enumerated. Holds slices of the batch.</summary>
public readonly struct RecordHeaders
{
    private readonly ReadOnlyMemory<byte> _bytes;

    internal RecordHeaders(ReadOnlyMemory<byte> bytes, int count)
    {
        _bytes = bytes;
        Count = count;
    }

    /// <summary>Number of headers.</summary>
    public int Count { get; }

    /// <summary>Enumerates the headers; each name is a new string.</summary>
    public Enumerator GetEnumerator() => new(_bytes, Count);

    /// <summary>Copies name and value of every header, so that they outlive the batch.</summary>
    public RecordHeader[] ToArray()
    {
        if (Count == 0) return [];
        var copy = new RecordHeader[Count];
        int i = 0;
        foreach (RecordHeader header in this)
        {
            copy[i++] = header.ValueIsNull ? header : new RecordHeader(header.Key, header.Value.ToArray());
        }

        return copy;
    }

    /// <summary>Walks over the headers.</summary>
    public struct Enumerator
    {
        private ReadOnlyMemory<byte> _rest;
        private int _left;

        internal Enumerator(ReadOnlyMemory<byte> bytes, int count)
        {
            _rest = bytes;
            _left = count;
            Current = default;
        }

        /// <summary>The header at hand.</summary>
        public RecordHeader Current { get; private set; }

        /// <summary>Moves to the next header.</summary>
        public bool MoveNext()
        {
            if (_left == 0) return false;
            _left--;
            string key = Encoding.UTF8.GetString(Take(out bool keyIsNull).Span);
            if (keyIsNull) throw BatchRecords.ChangedWhileRead();
            ReadOnlyMemory<byte> value = Take(out bool valueIsNull);
            Current = valueIsNull ? new RecordHeader(key) : new RecordHeader(key, value);
            return true;
        }

        // The lengths were checked when the batch was opened.
        private ReadOnlyMemory<byte> Take(out bool isNull)
        {
            int read = Varint.Read(_rest.Span, out int length);
            if (read == 0 || length > _rest.Length - read) throw BatchRecords.ChangedWhileRead();
            isNull = length < 0;
            ReadOnlyMemory<byte> bytes = isNull ? default : _rest.Slice(read, length);
            _rest = _rest[(read + bytes.Length)..];
            return bytes;
        }
    }
}
