using System.Net;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using OrleansLog.Kafka.Network;

namespace OrleansLog.Kafka.Dispatch;

/// <summary>What a handler knows about a request besides its body.</summary>
internal sealed class RequestContext
{
    /// <summary>Version that the request is in, and its answer will be.</summary>
    public required short ApiVersion { get; init; }

    /// <summary>The client's number for it.</summary>
    public required int CorrelationId { get; init; }

    /// <summary>What the client calls itself.</summary>
    public string? ClientId { get; init; }

    /// <summary>The connection that it came on.</summary>
    public required ConnectionState Connection { get; init; }

    /// <summary>Name of the listener that it came to.</summary>
    public string ListenerName => Connection.ListenerName;

    /// <summary>The client's address.</summary>
    public EndPoint Remote => Connection.Remote;

    /// <summary>Ends when the client is gone or the broker stops: whatever waits answers with what there is.</summary>
    public CancellationToken Aborted => Connection.Aborted;

    internal ILogger Logger => Connection.Logger;

    /// <summary>How often each error is in the answer, for the metrics; null where there is none.</summary>
    internal Dictionary<ErrorCode, int>? Errors { get; private set; }

    /// <summary>True when the connection ends with this request.</summary>
    internal bool ClosesConnection { get; private set; }

    internal IDisposable? Owned { get; private set; }

    /// <summary>Memory that the answer refers to; given back when it is sent, or cannot be.</summary>
    public void DisposeWhenSent(IDisposable owner) => Owned = owner;

    /// <summary>Counts an error that the answer tells of.</summary>
    public void NoteError(ErrorCode error)
    {
        if (error != ErrorCode.None)
            CollectionsMarshal.GetValueRefOrAddDefault(Errors ??= [], error, out _)++;
    }

    /// <summary>Ends the connection after this request, as an error without an answer must be told.</summary>
    public void CloseConnection() => ClosesConnection = true;
}
