using System.Globalization;

namespace OrleansLog.Cli;

/// <summary>
/// Cuts a byte stream into records at a delimiter. Reads big blocks and hands out slices of them: no copy, no text decoding,
/// so every byte comes back as it went in.
/// </summary>
/// <remarks>
/// A delimiter ends a record; what follows the last delimiter is a record of its own when it is not empty, and
/// <see cref="EndedWithoutDelimiter"/> tells so. Memory is bounded by the block and the largest record; it is not pooled, because a
/// signal may leave a read behind that still writes to it.
/// </remarks>
internal sealed class RecordSplitter
{
    public const int DefaultBlockBytes = 1024 * 1024;

    private readonly Stream _input;
    private readonly byte[] _delimiter;
    private readonly int _maxRecordBytes;
    private readonly string _limitedBy;
    private byte[] _buffer;
    private int _start;
    private int _end;
    private int _searched;
    private bool _inputEnded;

    public RecordSplitter(
        Stream input, byte[] delimiter, int maxRecordBytes, int blockBytes = DefaultBlockBytes, string limitedBy = "the topic's max.message.bytes")
    {
        ArgumentOutOfRangeException.ThrowIfZero(delimiter.Length);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxRecordBytes);
        _input = input;
        _delimiter = delimiter;
        _maxRecordBytes = maxRecordBytes;
        _limitedBy = limitedBy;
        _buffer = GC.AllocateUninitializedArray<byte>(Math.Max(blockBytes, delimiter.Length + 1));
    }

    /// <summary>Number of the record handed out last, from 1: with the default delimiter, its line.</summary>
    public long RecordNumber { get; private set; }

    /// <summary>Bytes read from the input so far.</summary>
    public long BytesRead { get; private set; }

    /// <summary>True once the record handed out last is the input's last and no delimiter followed it.</summary>
    public bool EndedWithoutDelimiter { get; private set; }

    /// <summary>The next record; valid until the next call. False at the end of the input.</summary>
    /// <exception cref="CliException">The record is longer than the limit.</exception>
    public bool TryNext(out ReadOnlyMemory<byte> record)
    {
        while (true)
        {
            var at = IndexOfDelimiter();
            if (at >= 0)
            {
                record = Take(at - _start, at + _delimiter.Length);
                return true;
            }

            if (_inputEnded)
            {
                break;
            }

            Fill();
        }

        if (_start == _end)
        {
            record = default;
            return false;
        }

        EndedWithoutDelimiter = true;
        record = Take(_end - _start, _end);
        return true;
    }

    private ReadOnlyMemory<byte> Take(int length, int next)
    {
        RecordNumber++;
        if (length > _maxRecordBytes)
        {
            throw TooLarge(length, isWhole: true);
        }

        var record = _buffer.AsMemory(_start, length);
        _start = next;
        _searched = next;
        return record;
    }

    private int IndexOfDelimiter()
    {
        var span = _buffer.AsSpan(_searched, _end - _searched);
        var at = _delimiter.Length == 1 ? span.IndexOf(_delimiter[0]) : span.IndexOf(_delimiter);
        if (at >= 0)
        {
            return _searched + at;
        }

        // The beginning of a longer delimiter may already be there.
        _searched = Math.Max(_start, _end - (_delimiter.Length - 1));
        return -1;
    }

    private void Fill()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _searched -= _start;
            _end -= _start;
            _start = 0;
        }

        if (_end - _delimiter.Length >= _maxRecordBytes)
        {
            RecordNumber++;
            throw TooLarge(_end, isWhole: false);
        }

        if (_end == _buffer.Length)
        {
            Grow();
        }

        var read = _input.Read(_buffer.AsSpan(_end));
        _inputEnded = read == 0;
        _end += read;
        BytesRead += read;
    }

    private void Grow()
    {
        var larger = GC.AllocateUninitializedArray<byte>((int)Math.Min((long)_buffer.Length * 2, Array.MaxLength));
        _buffer.AsSpan(0, _end).CopyTo(larger);
        _buffer = larger;
    }

    private CliException TooLarge(int length, bool isWhole) => new(
        ExitCode.RecordTooLarge,
        string.Create(CultureInfo.InvariantCulture,
            $"line {RecordNumber}: record too large: {(isWhole ? "" : "over ")}{length} bytes, the limit is {_maxRecordBytes} ({_limitedBy})"));
}
