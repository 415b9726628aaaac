using OrleansLog.Protocol;

namespace OrleansLog.Log;

/// <summary>Whose log directory it is to be, for <see cref="LogDirectory.Open"/>.</summary>
/// <param name="NodeId">This broker's <c>node.id</c>.</param>
/// <param name="ClusterId">The cluster's id; null where it is not known yet, any is accepted then.</param>
/// <param name="NewDirectoryId">The directory id to give to a directory that has none.</param>
/// <param name="BootId">The machine's boot id, as text; empty where there is none: then every stop without the marker may have lost data (D11).</param>
public readonly record struct LogDirectoryIdentity(int NodeId, string? ClusterId, Uuid NewDirectoryId, string BootId);

/// <summary>Why a directory could not be opened.</summary>
public enum LogDirectoryProblem
{
    /// <summary>Another process holds <c>.lock</c>.</summary>
    Locked,

    /// <summary><c>meta.properties</c> names another <c>node.id</c>.</summary>
    WrongNode,

    /// <summary><c>meta.properties</c> names another <c>cluster.id</c>.</summary>
    WrongCluster,

    /// <summary><c>meta.properties</c> cannot be understood.</summary>
    BadMetaProperties,
}

/// <summary>A log directory is not this broker's to use; the message says why and what to do.</summary>
public sealed class LogDirectoryException(LogDirectoryProblem problem, string path, string message, Exception? inner = null)
    : IOException(message, inner)
{
    /// <summary>Why.</summary>
    public LogDirectoryProblem Problem { get; } = problem;

    /// <summary>The directory.</summary>
    public string Path { get; } = path;
}
