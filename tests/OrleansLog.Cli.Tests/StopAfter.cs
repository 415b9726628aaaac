using System.Text;

namespace OrleansLog.Cli.Tests;

/// <summary>Standard output that counts words in what is written, and stops the command when they came often enough.</summary>
internal sealed class StopAfter(string words, int times, CancellationTokenSource stop) : MemoryStream
{
    private readonly StringBuilder _text = new();

    public string Text => _text.ToString();

    public int Seen => Text.Split(words).Length - 1;

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        _text.Append(Encoding.UTF8.GetString(buffer));
        if (Seen >= times)
        {
            stop.Cancel();
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));
}
