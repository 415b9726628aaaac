namespace OrleansLog.Client;

/// <summary>A serializer whose values are bytes already, so that they go into the batch without another copy.</summary>
internal interface IBytesView<in T>
{
    ReadOnlySpan<byte> View(T value);
}
