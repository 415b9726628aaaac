using System.Globalization;

namespace OrleansLog.Protocol.Generator.Schema;

/// <summary>A field's default as a C# expression.</summary>
internal static class DefaultValue
{
    /// <summary>The expression for a default as written; null if the type cannot have it.</summary>
    public static string? Of(Field field, string text)
    {
        if (text == "null") return field.Type.MayBeNull ? "null" : null;
        if (field.Type.IsArray) return null;
        switch (field.Type.Kind)
        {
            case FieldKind.Bool:
                return text is "true" or "false" ? text : null;
            case FieldKind.String:
                return text.Length >= 2 && text[0] == '"' && text[text.Length - 1] == '"' && text.IndexOf('\\') < 0 ? text : null;
            case FieldKind.Int8:
                return Number(text, sbyte.MinValue, sbyte.MaxValue);
            case FieldKind.Int16:
                return Number(text, short.MinValue, short.MaxValue);
            case FieldKind.UInt16:
                return Number(text, 0, ushort.MaxValue);
            case FieldKind.Int32:
                return Number(text, int.MinValue, int.MaxValue);
            case FieldKind.UInt32:
                return Number(text, 0, uint.MaxValue);
            case FieldKind.Int64:
                return Number(text, long.MinValue, long.MaxValue);
            default:
                return null;
        }
    }

    /// <summary>The default of a field that writes none: zero, empty; an array or bytes that may be null are empty too.</summary>
    public static string Of(Field field)
    {
        if (field.Default is { } text) return Of(field, text)!;
        if (field.Type.IsArray) return "[]";
        return field.Type.Kind switch
        {
            FieldKind.Bool => "false",
            FieldKind.String => "\"\"",
            FieldKind.Bytes => "global::System.ReadOnlyMemory<byte>.Empty",
            FieldKind.Records => "global::System.Memory<byte>.Empty",
            FieldKind.Uuid => "default",
            FieldKind.Error => "global::OrleansLog.Protocol.ErrorCode.None",
            FieldKind.Struct => field.IsNullable ? "null" : "new()",
            _ => "0",
        };
    }

    private static string? Number(string text, long least, long most) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value) && value >= least && value <= most
            ? value.ToString(CultureInfo.InvariantCulture)
            : null;
}
