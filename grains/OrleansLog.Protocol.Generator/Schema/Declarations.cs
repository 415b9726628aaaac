using System.Collections.Generic;

namespace OrleansLog.Protocol.Generator.Schema;

/// <summary>A field as declared.</summary>
internal sealed class Field
{
    public int Line { get; set; }

    public string Name { get; set; } = "";

    public FieldType Type { get; set; } = null!;

    /// <summary>The versions that carry it, within the message's.</summary>
    public VersionRange Versions { get; set; }

    /// <summary>The default as written, null if none is.</summary>
    public string? Default { get; set; }

    /// <summary>Its tag, -1 if it is not tagged.</summary>
    public int Tag { get; set; } = -1;

    /// <summary>Whether lengths stay as they were in flexible versions too (the client id in request headers).</summary>
    public bool Inflexible { get; set; }

    public string Doc { get; set; } = "";

    public bool IsTagged => Tag >= 0;

    public string Property => char.ToUpperInvariant(Name[0]) + Name.Substring(1);

    /// <summary>A tagged struct is absent where its property is null; Kafka leaves it out where it equals its default.</summary>
    public bool IsTaggedStruct => IsTagged && Type is { Kind: FieldKind.Struct, IsArray: false };

    /// <summary>Whether the property may hold null.</summary>
    public bool IsNullable => Type.MayBeNull || IsTaggedStruct;
}

/// <summary>A struct inside a message, or the message's own fields.</summary>
internal sealed class Struct
{
    public int Line { get; set; }

    public string Name { get; set; } = "";

    public string Doc { get; set; } = "";

    public List<Field> Fields { get; } = [];
}

internal enum MessageKind
{
    Request, Response, Data,
}

/// <summary>A request, a response, or data that is neither.</summary>
internal sealed class Message
{
    public int Line { get; set; }

    public MessageKind Kind { get; set; }

    public VersionRange Versions { get; set; }

    /// <summary>The first flexible version; <see cref="VersionRange.NoEnd"/> if none is.</summary>
    public int FlexibleFrom { get; set; } = VersionRange.NoEnd;

    public Struct Root { get; } = new();

    public List<Struct> Structs { get; } = [];

    public bool EverFlexible => FlexibleFrom <= Versions.To;

    public Struct? Find(string name) => Structs.Find(candidate => candidate.Name == name);
}

/// <summary>What one file declares.</summary>
internal sealed class Declaration
{
    public string ApiName { get; set; } = "";

    /// <summary>The API's number, -1 in a file of data.</summary>
    public int ApiKey { get; set; } = -1;

    public string ApiDoc { get; set; } = "";

    public List<Message> Messages { get; } = [];
}

/// <summary>What is wrong, and in which line (from 0).</summary>
internal sealed record Fault(int Line, string Text);
