using System.Buffers.Binary;
using System.Text;
using OrleansLog.TestKit;

namespace OrleansLog.Cli.Tests;

/// <summary>Breaks a copy of a good segment in every way that matters, and expects to be told what and where.</summary>
[Collection(nameof(Alone))]
public sealed class LogDamageTests : IDisposable
{
    private const string Base = "00000000000000000070";
    private readonly TempDirectory _folder = new("cli-damage");

    public LogDamageTests() => Golden.CopyFolder(Golden.PathOf("logs", "clean", "segments-0"), _folder.Path);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(".log", 2228 + 100, "at 2228: offsets 80..89: the CRC is")]
    [InlineData(".log", 2228 + 9, "at 2228: the batch claims")]
    [InlineData(".log", 2228 + 16, "at 2228: no record batch")]
    [InlineData(".log", 2228 + 7, "base offset 90 does not follow 218")]
    [InlineData(".index", 8 + 7, "at 8: offset 99: no batch begins at position")]
    [InlineData(".index", 8 + 3, "at 8: offset")]
    [InlineData(".index", 0, "at 0: offset")]
    [InlineData(".timeindex", 7, "at 0: timestamp")]
    [InlineData(".timeindex", 8, "at 0: offset")]
    [InlineData(".timeindex", 12 + 11, "at 12: timestamp")]
    public async Task One_changed_byte_is_found_and_its_place_is_named(string extension, int position, string words)
    {
        Change(Base + extension, bytes => bytes[position] ^= 0x81);
        var result = await CheckAsync(Base + ".log");
        result.Failed(ExitCode.Damage, "damage in");
        Assert.Contains(words, result.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_a_batch_with_a_wrong_crc_the_next_ones_are_still_shown()
    {
        Change(Base + ".log", bytes => bytes[200] ^= 1);
        var result = await CliHarness.RunAsync("log", "dump", _folder.Combine(Base + ".log"));
        Assert.Equal(8, result.Lines.Count(line => line.StartsWith("batch ", StringComparison.Ordinal)));
        Assert.Single(result.Lines, line => line.StartsWith("batch ", StringComparison.Ordinal) && line.EndsWith("DAMAGED", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_cut_at_any_byte_of_the_last_batch_is_damage()
    {
        var path = _folder.Combine("00000000000000000970.log");
        var whole = await File.ReadAllBytesAsync(path);
        foreach (var removed in (int[])[1, 37, 500, 1900])
        {
            await File.WriteAllBytesAsync(path, whole[..^removed]);
            (await CheckAsync(Path.GetFileName(path))).Failed(ExitCode.Damage, "damage in");
        }
    }

    [Fact]
    public async Task A_segment_without_its_first_batches_and_indexes_that_point_behind_its_end_is_damage()
    {
        Change(Base + ".log", bytes => bytes, keep: 2228);
        var result = await CheckAsync(Base + ".index");
        result.Failed(ExitCode.Damage, "damage in 1 of 1");
        Assert.Contains("no batch begins at position", result.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Zeros_behind_the_last_batch_are_room_that_was_set_aside()
    {
        await File.AppendAllBytesAsync(_folder.Combine(Base + ".log"), new byte[5000]);
        Assert.Contains("5000 bytes set aside: ok", (await CheckAsync(Base + ".log")).Succeeded().Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("leader-epoch-checkpoint", "0\n2\n0 0\n5 100\n", true)]
    [InlineData("leader-epoch-checkpoint", "0\n2\n5 0\n3 100\n", false)]
    [InlineData("leader-epoch-checkpoint", "0\n3\n0 0\n", false)]
    [InlineData("leader-epoch-checkpoint", "7\n0\n", false)]
    [InlineData("leader-epoch-checkpoint", "", false)]
    [InlineData("recovery-point-offset-checkpoint", "0\n1\norders 3 42\n", true)]
    [InlineData("recovery-point-offset-checkpoint", "0\n1\norders -1 42\n", false)]
    [InlineData("recovery-point-offset-checkpoint", "0\n1\norders\n", false)]
    [InlineData("meta.properties", "#comment\nversion=1\nnode.id=1\n", true)]
    [InlineData("meta.properties", "garbage\n", false)]
    public async Task Checkpoints_and_properties_are_checked_too(string file, string content, bool isGood)
    {
        await File.WriteAllTextAsync(_folder.Combine(file), content, Encoding.UTF8.GetPreamble().Length == 0 ? Encoding.UTF8 : new UTF8Encoding(false));
        Assert.Equal(isGood ? ExitCode.Ok : ExitCode.Damage, (await CheckAsync(file)).Code);
    }

    [Fact]
    public async Task A_length_field_that_lies_costs_no_memory()
    {
        Change(Base + ".log", bytes => BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(8), int.MaxValue));
        var before = GC.GetTotalAllocatedBytes(precise: true);
        (await CheckAsync(Base + ".log")).Failed(ExitCode.Damage, "damage in");
        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, 64 * 1024 * 1024);
    }

    private Task<CliResult> CheckAsync(string file) => CliHarness.RunAsync("log", "dump", "--check", _folder.Combine(file));

    private void Change(string file, Action<byte[]> change) => Change(file, bytes =>
    {
        change(bytes);
        return bytes;
    }, int.MaxValue);

    private void Change(string file, Func<byte[], byte[]> change, int keep)
    {
        var path = _folder.Combine(file);
        var bytes = change(File.ReadAllBytes(path));
        File.WriteAllBytes(path, bytes[..Math.Min(keep, bytes.Length)]);
    }
}
