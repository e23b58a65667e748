using System.Globalization;
using System.Text;
using MimeKit.Utils;

namespace MailOps.Reports;

/// <summary>A group of fields "name: value", as of a header or of one recipient in a delivery status.</summary>
internal sealed class ReportFields(IEnumerable<KeyValuePair<string, string>> fields)
{
    /// <summary>How many fields one group may have; the rest is not read.</summary>
    public const int MaxFields = 500;

    private const int MaxGroups = 20_000;

    private readonly List<KeyValuePair<string, string>> _fields = [.. fields];

    public static ReportFields None { get; } = new([]);

    public bool IsEmpty => _fields.Count == 0;

    /// <summary>The first value of that name, or null where there is none or it is empty.</summary>
    public string? this[string name] => All(name).FirstOrDefault();

    /// <summary>All values of that name that are not empty.</summary>
    public IEnumerable<string> All(string name) =>
        _fields.Where(field => Is(field, name)).Select(field => field.Value.Trim()).Where(value => value.Length > 0);

    /// <summary>A value without its type: of "rfc822; user@example.com" what follows the semicolon.</summary>
    public string? Untyped(string name) => this[name] is { } value ? WithoutType(value) : null;

    public static string? WithoutType(string value)
    {
        var semicolon = value.IndexOf(';');
        if (semicolon < 0 || semicolon > 24 || !IsName(value.Substring(0, semicolon).Trim())) return value.Trim();
        var bare = value.Substring(semicolon + 1).Trim();
        return bare.Length == 0 ? null : bare;
    }

    /// <summary>A date as mail has it, or null.</summary>
    public DateTimeOffset? Date(string name)
    {
        if (this[name] is not { } value || value.Length > 100) return null;
        if (DateUtils.TryParse(value, out var date)) return date;
        return DateTimeOffset.TryParse(value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out date) ? date : null;
    }

    /// <summary>The groups of a text, divided by blank lines; lines that are no fields are passed over.</summary>
    public static List<ReportFields> Parse(string text)
    {
        var groups = new List<ReportFields>();
        var group = new List<KeyValuePair<string, string>>();
        var value = new StringBuilder();
        string? name = null;
        void EndField()
        {
            if (name is not null && group.Count < MaxFields) group.Add(new KeyValuePair<string, string>(name, TextDecoder.Cut(value.ToString())));
            name = null;
            value.Clear();
        }
        void EndGroup()
        {
            EndField();
            if (group.Count > 0 && groups.Count < MaxGroups) groups.Add(new ReportFields(group));
            group.Clear();
        }
        foreach (var line in text.Split('\n'))
        {
            if (line.Trim().Length == 0) EndGroup();
            else if (line[0] is ' ' or '\t' && name is not null) value.Append(' ').Append(line.Trim());
            else if (Split(line) is { } field)
            {
                EndField();
                (name, var first) = (field.Name, field.Value);
                value.Append(first);
            }
            else
            {
                EndField();
            }
        }
        EndGroup();
        return groups;
    }

    /// <summary>The group in pieces, where a field that may stand once comes again: a blank line is missing.</summary>
    public IEnumerable<ReportFields> Divide(string[] once)
    {
        var piece = new List<KeyValuePair<string, string>>();
        foreach (var field in _fields)
        {
            if (Array.Exists(once, name => Is(field, name)) && piece.Exists(before => Is(before, field.Key)))
            {
                yield return new ReportFields(piece);
                piece.Clear();
            }
            piece.Add(field);
        }
        if (piece.Count > 0) yield return new ReportFields(piece);
    }

    private static bool Is(KeyValuePair<string, string> field, string name) => string.Equals(field.Key, name, StringComparison.OrdinalIgnoreCase);

    /// <summary>Name and value of a line that is a field, or null.</summary>
    public static (string Name, string Value)? Split(string line)
    {
        var colon = line.IndexOf(':');
        if (colon is < 1 or > 76) return null;
        var name = line.Substring(0, colon).Trim();
        return IsName(name) ? (name, line.Substring(colon + 1).Trim()) : null;
    }

    private static bool IsName(string name) => name.Length > 0 && name.All(letter => letter is > ' ' and < '\x7F' and not ':' and not '<' and not '@');
}
