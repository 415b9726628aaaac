using System.Linq;
using OrleansLog.Protocol.Generator.Schema;

namespace OrleansLog.Protocol.Generator.Emit;

/// <summary>How generated code asks whether a version is flexible, or a field may be null.</summary>
internal static class Flexible
{
    /// <summary>The expression for a field's lengths: "true", "false" or the local "flexible".</summary>
    public static string Of(Message message, Field field) =>
        field.Inflexible ? "false" : field.IsTagged ? "true" : Condition(message) ?? (message.EverFlexible ? "true" : "false");

    /// <summary>"flexible" where versions differ, null where they do not.</summary>
    public static string? Condition(Message message) =>
        message.EverFlexible && message.FlexibleFrom > message.Versions.From ? "flexible" : null;

    /// <summary>Whether a method needs the local; an unused one would be a warning.</summary>
    public static bool NeedsLocal(Message message, Struct type) => Condition(message) is not null;

    /// <summary>The expression for "may be null in this version": "true", "false" or a comparison.</summary>
    public static string Nullable(Message message, Field field)
    {
        if (!field.Type.MayBeNull || field.Type.NullFrom > message.Versions.To) return "false";
        return field.Type.NullFrom <= field.Versions.From ? "true" : $"version >= {field.Type.NullFrom}";
    }
}
