namespace OrleansLog.Log;

/// <summary>
/// An open file. Reads may run concurrently with each other, with one writer and with a sync. Every method throws
/// <see cref="DiskException"/> on failure.
/// </summary>
public interface IDiskFile : IDisposable
{
    /// <summary>The path it was opened by.</summary>
    string Path { get; }

    /// <summary>The current length in bytes.</summary>
    long Length { get; }

    /// <summary>Reads at a position until the buffer is full or the file ends; returns how many bytes were read.</summary>
    int Read(long position, Span<byte> buffer);

    /// <summary>
    /// Reads as <see cref="Read"/> does, but only what is in the system's memory; false where the reader would have to wait for the disk. A file that
    /// cannot tell reads.
    /// </summary>
    bool TryReadCached(long position, Span<byte> buffer, out int read)
    {
        read = Read(position, buffer);
        return true;
    }

    /// <summary>Writes all bytes at a position. After a failure any part of them may have been written.</summary>
    void Write(long position, ReadOnlySpan<byte> bytes);

    /// <summary>Writes all buffers one after the other, in one system call where the platform has it.</summary>
    void Write(long position, ReadOnlySpan<ReadOnlyMemory<byte>> gathered);

    /// <summary>Cuts or extends the file.</summary>
    void Truncate(long length);

    /// <summary>
    /// Makes the content durable. A failure is final (S8): the kernel may have dropped the dirty pages, so a later success
    /// proves nothing about them.
    /// </summary>
    /// <param name="dataOnly">fdatasync instead of fsync.</param>
    void Sync(bool dataOnly);
}
