using System.Buffers;
using System.Buffers.Text;

namespace OrleansLog.Cli;

/// <summary>How a format shows bytes: as they are, or as <c>{hex}</c> or <c>{base64}</c> says.</summary>
internal enum BytesAs
{
    Plain,
    Hex,
    Base64,
}

/// <summary>Reads and applies them.</summary>
internal static class BytesAsExtensions
{
    /// <summary>Bytes that are shown at a time: a multiple of three, so that base64 needs no filling up in between.</summary>
    private const int PieceBytes = 3 * 1024;

    /// <summary>What stands in braces behind a field, and moves behind it. Braces around anything else are text.</summary>
    public static BytesAs Read(string format, ref int position)
    {
        foreach (var (text, how) in (ReadOnlySpan<(string, BytesAs)>)[("{hex}", BytesAs.Hex), ("{base64}", BytesAs.Base64)])
        {
            if (string.CompareOrdinal(format, position, text, 0, text.Length) == 0)
            {
                position += text.Length;
                return how;
            }
        }

        return BytesAs.Plain;
    }

    public static void Write(this BytesAs how, OutputBuffer output, ReadOnlySpan<byte> bytes)
    {
        while (how != BytesAs.Plain && !bytes.IsEmpty)
        {
            var piece = bytes[..Math.Min(PieceBytes, bytes.Length)];
            var text = output.GetSpan(2 * PieceBytes);
            var written = 0;
            _ = how == BytesAs.Hex ? Convert.TryToHexStringLower(piece, text, out written)
                : Base64.EncodeToUtf8(piece, text, out _, out written) == OperationStatus.Done;
            output.Advance(written);
            bytes = bytes[piece.Length..];
        }

        output.Write(bytes);
    }
}
