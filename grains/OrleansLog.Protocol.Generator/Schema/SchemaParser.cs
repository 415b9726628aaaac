using System;
using System.Collections.Generic;
using System.Globalization;

namespace OrleansLog.Protocol.Generator.Schema;

/// <summary>Reads a declaration, line by line; docs/internals/messages.md has the grammar.</summary>
internal sealed class SchemaParser
{
    private const int IndentWidth = 4;

    private readonly List<Fault> _faults = [];
    private readonly Declaration _declaration = new();
    private readonly List<string> _comment = [];

    /// <summary>The structs that are open, outermost first; null where a line was wrong, so that its children are skipped.</summary>
    private readonly List<Struct?> _open = [];
    private Message? _message;

    public static Declaration Parse(string text, List<Fault> faults)
    {
        var parser = new SchemaParser();
        string[] lines = text.Replace("\r", "").Split('\n');
        for (int i = 0; i < lines.Length; i++) parser.Line(i, lines[i]);
        if (parser._faults.Count == 0) SchemaChecks.Run(parser._declaration, parser._faults);
        faults.AddRange(parser._faults);
        return parser._declaration;
    }

    private void Line(int number, string line)
    {
        int hash = line.IndexOf('#');
        string doc = hash < 0 ? "" : line.Substring(hash + 1).Trim();
        string code = (hash < 0 ? line : line.Substring(0, hash)).TrimEnd();
        if (code.Length == 0)
        {
            if (doc.Length > 0) _comment.Add(doc);
            else _comment.Clear();
            return;
        }

        _comment.Add(doc);
        string summary = string.Join(" ", _comment).Trim();
        _comment.Clear();
        int indent = 0;
        while (code[indent] == ' ') indent++;
        string[] words = code.Split([' '], StringSplitOptions.RemoveEmptyEntries);
        if (code[indent] == '\t' || indent % IndentWidth != 0) Fail(number, $"Indent by {IndentWidth} spaces for each level.");
        else if (indent == 0) Heading(number, words, summary);
        else FieldLine(number, indent / IndentWidth, words, summary);
    }

    private void Heading(int number, string[] words, string doc)
    {
        _message = null;
        _open.Clear();
        switch (words[0])
        {
            case "api":
                Api(number, words, doc);
                break;
            case "request" or "response":
                if (_declaration.ApiKey < 0) Fail(number, "A request or response needs 'api KEY NAME' before it.");
                else MessageHeading(number, words, 1, _declaration.ApiName + (words[0] == "request" ? "RequestData" : "ResponseData"), doc);
                break;
            case "data":
                if (words.Length < 3 || !IsTypeName(words[1])) Fail(number, "Expected 'data NAME VERSIONS'.");
                else MessageHeading(number, words, 2, words[1], doc);
                break;
            default:
                Fail(number, $"Expected 'api', 'request', 'response' or 'data', not '{words[0]}'.");
                break;
        }
    }

    private void Api(int number, string[] words, string doc)
    {
        if (words.Length != 3 || !IsTypeName(words[2])
            || !short.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out short key))
        {
            Fail(number, "Expected 'api KEY NAME'.");
            return;
        }

        if (_declaration.ApiKey >= 0) Fail(number, "One file declares one API.");
        _declaration.ApiKey = key;
        _declaration.ApiName = words[2];
        _declaration.ApiDoc = doc;
    }

    private void MessageHeading(int number, string[] words, int at, string name, string doc)
    {
        if (words.Length <= at || !VersionRange.TryParse(words[at], out VersionRange versions) || versions.To == VersionRange.NoEnd)
        {
            Fail(number, "Expected the versions, as in '0-9'.");
            return;
        }

        var message = new Message { Line = number, Versions = versions };
        message.Kind = words[0] == "request" ? MessageKind.Request : words[0] == "response" ? MessageKind.Response : MessageKind.Data;
        message.Root.Name = name;
        message.Root.Line = number;
        message.Root.Doc = doc;
        if (words.Length == at + 3 && words[at + 1] == "flexible" && VersionRange.TryParse(words[at + 2], out VersionRange flexible)
            && flexible.To == VersionRange.NoEnd)
        {
            message.FlexibleFrom = flexible.From;
        }
        else if (words.Length != at + 1)
        {
            Fail(number, "Expected nothing, or 'flexible N+', behind the versions.");
            return;
        }

        _declaration.Messages.Add(message);
        _message = message;
        _open.Add(message.Root);
    }

    private void FieldLine(int number, int level, string[] words, string doc)
    {
        if (_message is null)
        {
            if (_faults.Count == 0) Fail(number, "A field needs a request, a response or data before it.");
            return;
        }

        if (level > _open.Count)
        {
            Fail(number, "A field is indented under one that has no fields of its own.");
            return;
        }

        _open.RemoveRange(level, _open.Count - level);
        Struct? parent = _open[level - 1];
        Field? field = ReadField(number, words, doc);
        if (field is not null) parent?.Fields.Add(field);
        if (field is null) _open.Add(null);
        else if (field.Type.Kind == FieldKind.Struct) OpenStruct(number, field, doc);
    }

    /// <summary>The struct that lines under this field would fill; SchemaChecks drops it again if it was declared elsewhere.</summary>
    private void OpenStruct(int number, Field field, string doc)
    {
        var opened = new Struct { Line = number, Name = field.Type.StructName, Doc = doc };
        _message!.Structs.Add(opened);
        _open.Add(opened);
    }

    private Field? ReadField(int number, string[] words, string doc)
    {
        if (words.Length < 2 || !IsFieldName(words[0])) return Fail(number, "Expected 'name type'; names begin with a small letter.");
        if (ReadType(words[1]) is not { } type) return Fail(number, $"'{words[1]}' is not a type.");
        var field = new Field { Line = number, Name = words[0], Type = type, Doc = doc, Versions = _message!.Versions };
        int at = 2;
        if (at < words.Length && char.IsDigit(words[at][0]))
        {
            if (!VersionRange.TryParse(words[at], out VersionRange versions)) return Fail(number, $"'{words[at]}' is not a range of versions.");
            if (versions.To != VersionRange.NoEnd && versions.To > _message.Versions.To || versions.From > _message.Versions.To)
                return Fail(number, $"The message has no version beyond {_message.Versions.To}.");
            field.Versions = new VersionRange(versions.From, Math.Min(versions.To, _message.Versions.To));
            at++;
        }

        for (; at < words.Length; at++)
        {
            if (words[at] == "inflexible")
            {
                field.Inflexible = true;
            }
            else if (words[at] == "=" && at + 1 < words.Length)
            {
                field.Default = words[++at];
            }
            else if (words[at] == "tag" && at + 1 < words.Length
                && int.TryParse(words[at + 1], NumberStyles.None, CultureInfo.InvariantCulture, out int tag))
            {
                field.Tag = tag;
                at++;
            }
            else
            {
                return Fail(number, $"'{words[at]}' is not expected here; behind the type go versions, '= default', 'tag N', 'inflexible'.");
            }
        }

        return field;
    }

    private static FieldType? ReadType(string text)
    {
        bool array = text.StartsWith("[]", StringComparison.Ordinal);
        if (array) text = text.Substring(2);
        int nullFrom = -1;
        int question = text.IndexOf('?');
        if (question >= 0)
        {
            string from = text.Substring(question + 1);
            if (from.Length == 0) nullFrom = 0;
            else if (VersionRange.TryParse(from, out VersionRange range) && range.To == VersionRange.NoEnd) nullFrom = range.From;
            else return null;
            text = text.Substring(0, question);
        }

        if (FieldType.TryScalar(text, out FieldKind kind)) return new FieldType(kind, "", array, nullFrom);
        return IsTypeName(text) ? new FieldType(FieldKind.Struct, text, array, nullFrom) : null;
    }

    private static bool IsTypeName(string text) => text.Length > 0 && text[0] is >= 'A' and <= 'Z' && IsName(text);

    private static bool IsFieldName(string text) => text.Length > 0 && text[0] is >= 'a' and <= 'z' && IsName(text);

    private static bool IsName(string text)
    {
        foreach (char c in text)
        {
            if (c is not (>= 'a' and <= 'z' or >= 'A' and <= 'Z' or >= '0' and <= '9')) return false;
        }

        return true;
    }

    private Field? Fail(int line, string text)
    {
        _faults.Add(new Fault(line, text));
        return null;
    }
}
