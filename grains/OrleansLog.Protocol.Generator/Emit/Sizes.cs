using System;
using System.Collections.Generic;
using OrleansLog.Protocol.Generator.Schema;

namespace OrleansLog.Protocol.Generator.Emit;

/// <summary>How small a struct may be in a frame, and how large it is in memory: what a count is checked against.</summary>
internal static class Sizes
{
    private const int ObjectHeaderBytes = 16;
    private const int ReferenceBytes = 8;

    /// <summary>The fewest bytes over all versions, at least 1, so that a count never exceeds the bytes that are left.</summary>
    public static int LeastBytes(Message message, string structName)
    {
        int least = int.MaxValue;
        for (int version = message.Versions.From; version <= message.Versions.To; version++)
            least = Math.Min(least, OfStruct(message, structName, version, []));
        return Math.Max(1, least);
    }

    /// <summary>About what an object of the struct takes, with the reference to it.</summary>
    public static int MemoryBytes(Message message, string structName)
    {
        int bytes = ObjectHeaderBytes + ReferenceBytes + (message.EverFlexible ? ReferenceBytes : 0);
        foreach (Field field in message.Find(structName)!.Fields) bytes += field.Type.IsArray ? ReferenceBytes : field.Type.MemoryBytes;
        return (bytes + 7) / 8 * 8;
    }

    private static int OfStruct(Message message, string structName, int version, HashSet<string> inside)
    {
        if (!inside.Add(structName)) return 0;
        bool flexible = version >= message.FlexibleFrom;
        int bytes = flexible ? 1 : 0;
        foreach (Field field in message.Find(structName)!.Fields)
        {
            if (field.IsTagged || !field.Versions.Contains(version)) continue;
            if (field.Type.IsArray) bytes += flexible ? 1 : 4;
            else if (field.Type.Kind != FieldKind.Struct) bytes += field.Type.LeastBytes(flexible);
            else bytes += field.Type.MayBeNull ? 1 : OfStruct(message, field.Type.StructName, version, inside);
        }

        inside.Remove(structName);
        return bytes;
    }
}
