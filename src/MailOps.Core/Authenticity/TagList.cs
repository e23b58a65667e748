using MailOps.Messages;

namespace MailOps.Authenticity;

/// <summary>One <c>name=value</c> of a record.</summary>
/// <param name="Name">The name.</param>
/// <param name="Value">The value, without the space around it.</param>
/// <param name="Column">Where the name begins, from 1.</param>
/// <param name="ValueColumn">Where the value begins.</param>
internal sealed record Tag(string Name, string Value, int Column, int ValueColumn);

/// <summary>What does not have that form.</summary>
/// <param name="Column">The character of the text, from 1.</param>
/// <param name="Reason">What is wrong, as a sentence.</param>
/// <param name="IsHarmless">Whether nothing is lost by it, so that a reader may pass it over.</param>
internal sealed record TagFault(int Column, string Reason, bool IsHarmless = false);

/// <summary>The form that DKIM keys and DMARC records share: tags with semicolons between them and perhaps one behind, space around all of it (RFC 6376 section 3.2).</summary>
internal sealed class TagList
{
    private static readonly char[] Space = [' ', '\t', '\r', '\n'];
    private readonly List<Tag> _tags = [];
    private readonly List<TagFault> _faults = [];
    private readonly StringComparison _names;
    private readonly HashSet<string> _seen;   // a text of strangers may have very many

    private TagList(StringComparison names)
    {
        _names = names;
        _seen = new(names == StringComparison.Ordinal ? StringComparer.Ordinal : StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>The tags in their order; of a name that is there twice, the first.</summary>
    public IReadOnlyList<Tag> Tags => _tags;

    /// <summary>What was left out.</summary>
    public IReadOnlyList<TagFault> Faults => _faults;

    /// <summary>Reads a text; nothing is refused as a whole.</summary>
    /// <param name="text">The text.</param>
    /// <param name="names">How names are compared: in DKIM by case (RFC 6376 section 3.2), in DMARC not.</param>
    public static TagList Read(string text, StringComparison names)
    {
        var list = new TagList(names);
        var parts = text.Split(';');
        for (int i = 0, start = 0; i < parts.Length; start += parts[i].Length + 1, i++)
        {
            var column = start + parts[i].Length - parts[i].TrimStart(Space).Length + 1;
            var part = parts[i].Trim(Space);
            if (part.Length > 0) list.Add(part, column);
            else if (i < parts.Length - 1) list._faults.Add(new TagFault(start + 1, "There is nothing before this semicolon.", IsHarmless: true));
        }
        return list;
    }

    /// <summary>The tag of a name; null where there is none.</summary>
    public Tag? this[string name] => _tags.Find(tag => string.Equals(tag.Name, name, _names));

    private void Add(string part, int column)
    {
        var equals = part.IndexOf('=');
        var name = equals < 0 ? part : part.Substring(0, equals).TrimEnd(Space);
        if (equals < 0)
        {
            _faults.Add(new TagFault(column, $"'{Printable.Shorten(part)}' has no equals sign."));
        }
        else if (name.Length == 0 || !name.All(c => c is >= 'a' and <= 'z' or >= 'A' and <= 'Z' or >= '0' and <= '9' or '_'))
        {
            _faults.Add(new TagFault(column, $"'{Printable.Shorten(name)}' is no name of a tag."));
        }
        else if (!_seen.Add(name))
        {
            _faults.Add(new TagFault(column, $"{name} stands here a second time."));
        }
        else
        {
            var value = part.Substring(equals + 1).TrimStart(Space);
            _tags.Add(new Tag(name, value, column, column + part.Length - value.Length));
        }
    }
}
