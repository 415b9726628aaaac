using System.Collections.Generic;
using OrleansLog.Protocol.Generator.Schema;

namespace OrleansLog.Protocol.Generator.Emit;

/// <summary>ReadFields: one value after the other, then the tagged ones.</summary>
internal static class ReadEmitter
{
    public static void Emit(CodeWriter code, Message message, Struct type)
    {
        code.Open($"internal static {type.Name} ReadFields(ref MessageReader reader, short version)");
        if (Flexible.NeedsLocal(message, type)) code.Line($"bool flexible = version >= {message.FlexibleFrom};");
        code.Line($"var value = new {type.Name}();");
        foreach (Field field in type.Fields)
        {
            if (field.IsTagged) continue;
            string? condition = field.Versions.Condition(message.Versions);
            if (condition is not null) code.Open($"if ({condition})");
            ReadField(code, message, field);
            if (condition is not null) code.Close();
        }

        if (message.EverFlexible) ReadTags(code, message, type);
        code.Line("return value;");
        code.Close();
    }

    private static void ReadTags(CodeWriter code, Message message, Struct type)
    {
        if (Flexible.Condition(message) is { } flexible) code.Line($"if (!{flexible}) return value;");
        code.Line("int tag = -1;");
        code.Open("for (int left = reader.ReadTagCount(); left > 0 && !reader.Failed; left--)");
        code.Open("switch (reader.BeginTag(ref tag, out int end))");
        code.Line("case -1:").Line("    break;");
        foreach (Field field in Tagged(type))
        {
            string? condition = field.Versions.Condition(new VersionRange(System.Math.Max(message.FlexibleFrom, message.Versions.From), message.Versions.To));
            code.Line($"case {field.Tag}{(condition is null ? "" : $" when {condition}")}:");
            code.Open("");
            ReadField(code, message, field);
            code.Line("reader.EndTag(end);").Line("break;");
            code.Close();
        }

        code.Line("default:");
        code.Line("    value.UnknownTaggedFields = reader.KeepTag(value.UnknownTaggedFields, tag, end);");
        code.Line("    break;");
        code.Close();
        code.Close();
    }

    public static List<Field> Tagged(Struct type)
    {
        List<Field> tagged = type.Fields.FindAll(field => field.IsTagged);
        tagged.Sort((left, right) => left.Tag.CompareTo(right.Tag));
        return tagged;
    }

    private static void ReadField(CodeWriter code, Message message, Field field)
    {
        if (field.Type.IsArray) ReadArray(code, message, field);
        else code.Line($"value.{field.Property} = {Expression(message, field)};");
    }

    private static string Expression(Message message, Field field)
    {
        FieldType type = field.Type;
        string flexible = Flexible.Of(message, field);
        string nullable = Flexible.Nullable(message, field);
        if (type.Kind == FieldKind.Struct)
        {
            string read = $"{type.StructName}.ReadFields(ref reader, version)";
            if (!type.MayBeNull) return read;
            return nullable == "true"
                ? $"reader.ReadPresence(true) ? {read} : null"
                : $"!({nullable}) || reader.ReadPresence(true) ? {read} : null";
        }

        if (!type.HasLength) return $"reader.Read{type.MethodName}()";
        string plain = $"reader.Read{type.MethodName}({flexible})";
        string orNull = $"reader.ReadNullable{type.MethodName}({flexible})";
        return nullable == "false" ? plain : nullable == "true" ? orNull : $"{nullable} ? {orNull} : {plain}";
    }

    private static void ReadArray(CodeWriter code, Message message, Field field)
    {
        FieldType type = field.Type;
        string name = field.Name;
        string flexible = Flexible.Of(message, field);
        int least = type.Kind == FieldKind.Struct ? Sizes.LeastBytes(message, type.StructName) : type.LeastBytes(message.EverFlexible);
        int memory = type.Kind == FieldKind.Struct ? Sizes.MemoryBytes(message, type.StructName) : type.MemoryBytes;
        string nullable = Flexible.Nullable(message, field);
        code.Line($"int {name}Count = reader.ReadCount({flexible}, {nullable}, {least}, {memory});");
        if (type.MayBeNull)
        {
            code.Open($"if ({name}Count < 0)");
            code.Line($"value.{field.Property} = null;");
            code.Close();
            code.Open("else");
        }

        code.Line($"var {name}List = new List<{type.ElementName}>({name}Count);");
        string element = type.Kind == FieldKind.Struct ? $"{type.StructName}.ReadFields(ref reader, version)"
            : type.HasLength ? $"reader.Read{type.MethodName}({flexible})" : $"reader.Read{type.MethodName}()";
        code.Line($"for (int i = 0; i < {name}Count && !reader.Failed; i++) {name}List.Add({element});");
        code.Line($"value.{field.Property} = {name}List;");
        if (type.MayBeNull) code.Close();
    }
}
