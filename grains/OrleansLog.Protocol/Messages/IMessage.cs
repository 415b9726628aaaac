namespace OrleansLog.Protocol.Messages;

/// <summary>A message or a coordinator's record; its fields come from a declaration in Messages/Schemas (D8).</summary>
public interface IMessage
{
    /// <summary>
    /// Writes the fields that <paramref name="version"/> carries. Fields that it does not carry are left out; null where it
    /// knows no null is written as empty.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The version is not declared.</exception>
    void Write(ref MessageWriter writer, short version);
}

/// <summary>What a declared type knows of itself.</summary>
/// <typeparam name="TSelf">The type.</typeparam>
public interface IMessage<TSelf> : IMessage
    where TSelf : class, IMessage<TSelf>
{
    /// <summary>The lowest version that is declared.</summary>
    static abstract short LowestVersion { get; }

    /// <summary>The highest version that is declared.</summary>
    static abstract short HighestVersion { get; }

    /// <summary>
    /// Reads a message. Null, and a <see cref="MessageReader.Fault"/>, where the bytes are not one of this version: never an
    /// exception. Requests and responses have to fill the frame to its end; headers and records may have bytes behind them.
    /// </summary>
    static abstract TSelf? Read(ref MessageReader reader, short version);
}

/// <summary>A request or a response: it belongs to an API, whose header goes before it.</summary>
public interface IApiMessage : IMessage
{
    /// <summary>The API.</summary>
    static abstract ApiKey ApiKey { get; }

    /// <summary>The first flexible version (KIP-482); <see cref="short.MaxValue"/> if none is.</summary>
    static abstract short FlexibleFrom { get; }
}

/// <summary>A request.</summary>
public interface IRequestMessage : IApiMessage;

/// <summary>A response.</summary>
public interface IResponseMessage : IApiMessage;
