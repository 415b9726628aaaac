namespace OrleansLog.Log;

/// <summary>An open segment file with its indexes, shared by counted references: it closes after the last reader.</summary>
internal sealed class OpenSegment
{
    internal IDiskFile File => throw new NotImplementedException();

    internal void Release() => throw new NotImplementedException();
}
