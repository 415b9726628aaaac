namespace OrleansLog.Protocol.Generator.Schema;

/// <summary>What a field, or an element of an array, is made of.</summary>
internal enum FieldKind
{
    Bool, Int8, Int16, UInt16, Int32, UInt32, Int64, Float64, Uuid, Error, String, Bytes, Records, Struct,
}

/// <summary>A field's type: one value or an array of them, null from some version on.</summary>
/// <param name="Kind">Of the value or element.</param>
/// <param name="StructName">The struct's name, else empty.</param>
/// <param name="IsArray">Whether there are many.</param>
/// <param name="NullFrom">The first version in which it may be null; -1 if in none.</param>
internal sealed record FieldType(FieldKind Kind, string StructName, bool IsArray, int NullFrom)
{
    public bool MayBeNull => NullFrom >= 0;

    /// <summary>The C# type of a value or element.</summary>
    public string ElementName => Kind switch
    {
        FieldKind.Bool => "bool",
        FieldKind.Int8 => "sbyte",
        FieldKind.Int16 => "short",
        FieldKind.UInt16 => "ushort",
        FieldKind.Int32 => "int",
        FieldKind.UInt32 => "uint",
        FieldKind.Int64 => "long",
        FieldKind.Float64 => "double",
        FieldKind.Uuid => "global::OrleansLog.Protocol.Uuid",
        FieldKind.Error => "global::OrleansLog.Protocol.ErrorCode",
        FieldKind.String => "string",
        FieldKind.Bytes => "global::System.ReadOnlyMemory<byte>",
        FieldKind.Records => "global::System.Memory<byte>",
        _ => StructName,
    };

    /// <summary>The ending of the reader's and writer's methods for it.</summary>
    public string MethodName => Kind switch
    {
        FieldKind.Bool => "Boolean",
        FieldKind.Error => "ErrorCode",
        _ => Kind.ToString(),
    };

    /// <summary>Strings and bytes have a length before them, which flexible versions write differently.</summary>
    public bool HasLength => Kind is FieldKind.String or FieldKind.Bytes or FieldKind.Records;

    /// <summary>The fewest bytes of one value in a frame.</summary>
    public int LeastBytes(bool flexible) => Kind switch
    {
        FieldKind.Bool or FieldKind.Int8 => 1,
        FieldKind.Int16 or FieldKind.UInt16 or FieldKind.Error => 2,
        FieldKind.Int32 or FieldKind.UInt32 => 4,
        FieldKind.Int64 or FieldKind.Float64 => 8,
        FieldKind.Uuid => 16,
        FieldKind.String => flexible ? 1 : 2,
        FieldKind.Bytes or FieldKind.Records => flexible ? 1 : 4,
        _ => 0,
    };

    /// <summary>Bytes of one value in an object or a list: references count 8.</summary>
    public int MemoryBytes => Kind switch
    {
        FieldKind.Bool or FieldKind.Int8 => 1,
        FieldKind.Int16 or FieldKind.UInt16 or FieldKind.Error => 2,
        FieldKind.Int32 or FieldKind.UInt32 => 4,
        FieldKind.Uuid => 16,
        FieldKind.Bytes or FieldKind.Records => 24,
        _ => 8,
    };

    public static bool TryScalar(string name, out FieldKind kind)
    {
        switch (name)
        {
            case "bool": kind = FieldKind.Bool; return true;
            case "int8": kind = FieldKind.Int8; return true;
            case "int16": kind = FieldKind.Int16; return true;
            case "uint16": kind = FieldKind.UInt16; return true;
            case "int32": kind = FieldKind.Int32; return true;
            case "uint32": kind = FieldKind.UInt32; return true;
            case "int64": kind = FieldKind.Int64; return true;
            case "float64": kind = FieldKind.Float64; return true;
            case "uuid": kind = FieldKind.Uuid; return true;
            case "error": kind = FieldKind.Error; return true;
            case "string": kind = FieldKind.String; return true;
            case "bytes": kind = FieldKind.Bytes; return true;
            case "records": kind = FieldKind.Records; return true;
            default: kind = FieldKind.Struct; return false;
        }
    }
}
