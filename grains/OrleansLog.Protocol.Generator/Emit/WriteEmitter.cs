using System.Collections.Generic;
using System.Linq;
using OrleansLog.Protocol.Generator.Schema;

namespace OrleansLog.Protocol.Generator.Emit;

/// <summary>WriteFields: one value after the other, then the tagged ones that differ from their defaults.</summary>
internal static class WriteEmitter
{
    public static void Emit(CodeWriter code, Message message, Struct type)
    {
        code.Open("internal void WriteFields(ref MessageWriter writer, short version)");
        if (Flexible.NeedsLocal(message, type)) code.Line($"bool flexible = version >= {message.FlexibleFrom};");
        foreach (Field field in type.Fields)
        {
            if (field.IsTagged) continue;
            string? condition = field.Versions.Condition(message.Versions);
            if (condition is not null) code.Open($"if ({condition})");
            WriteField(code, message, field);
            if (condition is not null) code.Close();
        }

        if (message.EverFlexible) WriteTags(code, message, type);
        code.Close();
    }

    private static void WriteTags(CodeWriter code, Message message, Struct type)
    {
        if (Flexible.Condition(message) is { } flexible) code.Line($"if (!{flexible}) return;");
        List<Field> tagged = ReadEmitter.Tagged(type);
        var flexibleRange = new VersionRange(System.Math.Max(message.FlexibleFrom, message.Versions.From), message.Versions.To);
        foreach (Field field in tagged)
        {
            string? condition = field.Versions.Condition(flexibleRange);
            code.Line($"bool has{field.Property} = {(condition is null ? "" : $"{condition} && ")}{IsSet(field)};");
        }

        string none = string.Concat(tagged.Select(field => $" && !has{field.Property}"));
        code.Open($"if (UnknownTaggedFields is null{none})");
        code.Line("writer.WriteUnsignedVarint(0);").Line("return;");
        code.Close();
        code.Line().Line("int start = writer.BeginSized();").Line("int count = 0;").Line("int kept = 0;");
        foreach (Field field in tagged)
        {
            string? condition = field.Versions.Condition(flexibleRange);
            code.Line($"{(condition is null ? "" : $"if ({condition}) ")}count += writer.WriteKeptTags(UnknownTaggedFields, ref kept, {field.Tag});");
            code.Open($"if (has{field.Property})");
            code.Line("count++;");
            code.Line($"writer.WriteUnsignedVarint({field.Tag});");
            code.Line($"int {field.Name}Start = writer.BeginSized();");
            WriteField(code, message, field);
            code.Line($"writer.EndSized({field.Name}Start);");
            code.Close();
        }

        code.Line("count += writer.WriteKeptTags(UnknownTaggedFields, ref kept, long.MaxValue);").Line("writer.EndSized(start, count);");
    }

    private static string IsSet(Field field)
    {
        string name = field.Property;
        FieldType type = field.Type;
        string value = DefaultValue.Of(field);
        if (MessageEmitter.IsLazy(field)) return $"{MessageEmitter.Lazy(field)} is {{ Count: > 0 }}";
        if (field.IsNullable && value == "null") return $"{name} is not null";
        if (type.IsArray) return $"{name} is not {{ Count: 0 }}";
        if (type.Kind is FieldKind.Bytes or FieldKind.Records) return field.IsNullable ? $"{name} is not {{ Length: 0 }}" : $"!{name}.IsEmpty";
        return type.Kind == FieldKind.Uuid ? $"!{name}.IsZero" : $"{name} != {value}";
    }

    private static void WriteField(CodeWriter code, Message message, Field field)
    {
        FieldType type = field.Type;
        string flexible = Flexible.Of(message, field);
        string nullable = Flexible.Nullable(message, field);
        if (type.IsArray)
        {
            WriteArray(code, field, flexible, nullable);
        }
        else if (type.Kind == FieldKind.Struct)
        {
            WriteStruct(code, field, nullable);
        }
        else if (!type.HasLength)
        {
            code.Line($"writer.Write{type.MethodName}({field.Property});");
        }
        else
        {
            string orNull = $"writer.WriteNullable{type.MethodName}({field.Property}, {flexible});";
            string plain = $"writer.Write{type.MethodName}({field.Property}, {flexible});";
            if (nullable is "true" or "false") code.Line(nullable == "true" ? orNull : plain);
            else code.Line($"if ({nullable}) {orNull}").Line($"else {plain}");
        }
    }

    private static void WriteStruct(CodeWriter code, Field field, string nullable)
    {
        if (!field.Type.MayBeNull)
        {
            code.Line(field.IsTagged ? $"{field.Property}!.WriteFields(ref writer, version);" : $"{field.Property}.WriteFields(ref writer, version);");
            return;
        }

        string presence = $"writer.WriteInt8({field.Property} is null ? (sbyte)-1 : (sbyte)1);";
        code.Line(nullable == "true" ? presence : $"if ({nullable}) {presence}");
        if (nullable == "true") code.Line($"{field.Property}?.WriteFields(ref writer, version);");
        else code.Line($"if ({field.Property} is not null || !({nullable})) ({field.Property} ?? new()).WriteFields(ref writer, version);");
    }

    private static void WriteArray(CodeWriter code, Field field, string flexible, string nullable)
    {
        FieldType type = field.Type;
        string list = field.Name + "List";
        string source = MessageEmitter.IsLazy(field) ? MessageEmitter.Lazy(field) : field.Property;
        string ifNull = nullable switch { "true" => "-1", "false" => "0", _ => $"({nullable} ? -1 : 0)" };
        code.Line($"List<{type.ElementName}>? {list} = {source};");
        code.Line($"writer.WriteCount({list}?.Count ?? {ifNull}, {flexible});");
        code.Open($"if ({list} is not null)");
        string element = $"{list}[i]";
        string write = type.Kind == FieldKind.Struct ? $"{element}.WriteFields(ref writer, version);"
            : type.HasLength ? $"writer.Write{type.MethodName}({element}, {flexible});" : $"writer.Write{type.MethodName}({element});";
        code.Line($"for (int i = 0; i < {list}.Count; i++) {write}");
        code.Close();
    }
}
