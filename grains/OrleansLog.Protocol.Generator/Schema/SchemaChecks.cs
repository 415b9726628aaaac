using System.Collections.Generic;
using System.Globalization;

namespace OrleansLog.Protocol.Generator.Schema;

/// <summary>What a line alone cannot show: names that clash, structs that are missing, tags and defaults that make no sense.</summary>
internal static class SchemaChecks
{
    public static void Run(Declaration declaration, List<Fault> faults)
    {
        if (declaration.Messages.Count == 0) faults.Add(new Fault(0, "The file declares nothing."));
        Message? request = declaration.Messages.Find(message => message.Kind == MessageKind.Request);
        foreach (Message message in declaration.Messages)
        {
            if (message.Kind == MessageKind.Response && request is not null && message.FlexibleFrom != request.FlexibleFrom)
                faults.Add(new Fault(message.Line, "Request and response become flexible in the same version."));
            DropReferences(message, faults);
            Check(message, message.Root, faults);
            foreach (Struct type in message.Structs) Check(message, type, faults);
        }
    }

    /// <summary>A struct without fields of its own is a reference to the one of that name that has some.</summary>
    private static void DropReferences(Message message, List<Fault> faults)
    {
        var seen = new HashSet<string>();
        foreach (Struct type in message.Structs)
        {
            if (type.Fields.Count > 0)
            {
                if (!seen.Add(type.Name)) faults.Add(new Fault(type.Line, $"The struct {type.Name} is declared twice in this message."));
            }
        }

        foreach (Struct type in message.Structs)
        {
            if (!seen.Contains(type.Name)) faults.Add(new Fault(type.Line, $"The struct {type.Name} has no fields."));
        }

        message.Structs.RemoveAll(type => type.Fields.Count == 0);
    }

    private static void Check(Message message, Struct type, List<Fault> faults)
    {
        var names = new HashSet<string> { type.Name };
        var tags = new HashSet<int>();
        if (type == message.Root)
        {
            foreach (Struct inner in message.Structs) names.Add(inner.Name);
        }

        foreach (Field field in type.Fields)
        {
            if (!names.Add(field.Property))
                faults.Add(new Fault(field.Line, $"The name {field.Property} is taken by another field, a struct of the message, or the type itself."));
            if (field.Tag >= 0) CheckTag(message, field, tags, faults);
            if (field.Type.NullFrom >= 0 && field.Type is not { IsArray: true } && field.Type is not { HasLength: true } and not { Kind: FieldKind.Struct })
                faults.Add(new Fault(field.Line, "Only strings, bytes, arrays and structs may be null."));
            if (field.Type is { IsArray: false, Kind: FieldKind.Struct, NullFrom: >= 0 } && field.Tag >= 0)
                faults.Add(new Fault(field.Line, "A tagged struct is left out where it is null; it takes no '?'."));
            if (field.Default is { } value && DefaultValue.Of(field, value) is null)
                faults.Add(new Fault(field.Line, string.Format(CultureInfo.InvariantCulture, "'{0}' is not a default for this type.", value)));
        }
    }

    private static void CheckTag(Message message, Field field, HashSet<int> tags, List<Fault> faults)
    {
        if (!tags.Add(field.Tag)) faults.Add(new Fault(field.Line, $"Tag {field.Tag} is taken."));
        if (field.Versions.From < message.FlexibleFrom)
            faults.Add(new Fault(field.Line, "A tagged field needs a flexible version; say from which version it is there."));
    }
}
