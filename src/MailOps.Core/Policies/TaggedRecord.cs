using MailOps.Messages;

namespace MailOps.Policies;

/// <summary>One <c>name=value</c> of a record.</summary>
/// <param name="Name">The name.</param>
/// <param name="Value">What is behind the equals sign, without the space around it.</param>
/// <param name="Column">Where the name begins, from 1.</param>
internal sealed record TaggedField(string Name, string Value, int Column)
{
    public int ValueColumn => Column + Name.Length + 1;
}

/// <summary>The form that MTA-STS and TLSRPT records share: a version, then fields, with semicolons between them and perhaps one behind (RFC 8461 section 3.1, RFC 8460 section 3).</summary>
internal static class TaggedRecord
{
    private static readonly char[] Space = [' ', '\t'];

    /// <summary>The one record among the TXT records of a name that is of this version; none where none is, a fault where several are.</summary>
    public static PolicyReading<T> Choose<T>(IReadOnlyList<string> records, string version, Func<string, PolicyReading<T>> read)
        where T : class
    {
        var own = records.Where(record => Begins(record, version)).ToArray();
        return own.Length switch
        {
            0 => PolicyReading.None<T>(),
            1 => read(own[0]),
            _ => PolicyReading.Not<T>(PolicyFault.Whole($"there are {own.Length} records of {version}, and only one can be")),
        };
    }

    /// <summary>The fields of a record in their order; <paramref name="fault"/> where it does not have this form.</summary>
    public static IReadOnlyList<TaggedField> Read(string text, string version, out PolicyFault? fault)
    {
        fault = null;
        var fields = new List<TaggedField>();
        var parts = text.Split(';');
        if (parts[0].TrimEnd(Space) != version)
        {
            fault = new PolicyFault(1, 1, $"it does not begin with {version}");
            return fields;
        }
        var column = parts[0].Length + 2;
        for (var i = 1; i < parts.Length && fault is null; column += parts[i].Length + 1, i++)
        {
            var start = column + parts[i].Length - parts[i].TrimStart(Space).Length;
            var part = parts[i].Trim(Space);
            if (part.Length > 0) fault = Add(fields, part, start);
            else if (i < parts.Length - 1) fault = new PolicyFault(1, column, "there is nothing between two semicolons");
        }
        return fields;
    }

    /// <summary>What is wrong with the value of a field that nobody knows; null where nothing is.</summary>
    public static PolicyFault? Extension(TaggedField field)
    {
        if (field.Value.Length == 0) return new PolicyFault(1, field.ValueColumn, $"{field.Name} has no value");
        for (var i = 0; i < field.Value.Length; i++)
        {
            if (field.Value[i] is < '!' or > '~' or '=') return new PolicyFault(1, field.ValueColumn + i, $"the value of {field.Name} has a character that is not allowed there");
        }
        return null;
    }

    /// <summary>Whether it is a name of a field: a letter or digit, and up to 31 of those, '_', '-' and '.'.</summary>
    public static bool IsName(string name) =>
        name.Length is > 0 and <= 32 && IsAlphanumeric(name[0]) && name.All(c => IsAlphanumeric(c) || c is '_' or '-' or '.');

    public static bool IsAlphanumeric(char c) => c is >= 'a' and <= 'z' or >= 'A' and <= 'Z' or >= '0' and <= '9';

    /// <summary>Whether a record is one of this version.</summary>
    public static bool Begins(string record, string version) =>
        record.StartsWith(version, StringComparison.Ordinal) && (record.Length == version.Length || record[version.Length] is ';' or ' ' or '\t');

    private static PolicyFault? Add(List<TaggedField> fields, string part, int column)
    {
        var equals = part.IndexOf('=');
        if (equals < 0) return new PolicyFault(1, column, $"'{Printable.Shorten(part)}' has no equals sign");
        var name = part.Substring(0, equals);
        if (!IsName(name)) return new PolicyFault(1, column, $"'{Printable.Shorten(name)}' is no name of a field");
        fields.Add(new TaggedField(name, part.Substring(equals + 1), column));
        return null;
    }
}
