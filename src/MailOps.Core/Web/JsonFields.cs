using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace MailOps.Web;

/// <summary>
/// The single values of a JSON object (RFC 8259): all that is asked of the answers of token servers and of key files. The whole text must be JSON, and each text in it Unicode text.
/// </summary>
/// <remarks>.NET Framework has no JSON reader of its own, and a package of one would clash with those of other modules.</remarks>
internal sealed class JsonFields
{
    private const int MaxDepth = 8;

    private static readonly Regex Bare = new(@"\G(?:-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null)", RegexOptions.CultureInvariant);
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    private readonly Dictionary<string, (string Text, bool IsText)> _values = new(StringComparer.Ordinal);
    private readonly string _json;
    private int _at;

    private JsonFields(string json) => _json = json;

    private char Next => _at < _json.Length ? _json[_at] : '\0';

    /// <summary>Reads; without values where it is not an object, and null where it is not JSON.</summary>
    public static JsonFields? Read(byte[] utf8)
    {
        try
        {
            var fields = new JsonFields(Strict.GetString(utf8));
            fields.ReadValue(0);
            return fields._at == fields._json.Length ? fields : null;
        }
        catch (Exception e) when (e is FormatException or DecoderFallbackException)
        {
            return null;
        }
    }

    /// <summary>A value that is a text; null where there is none.</summary>
    public string? Text(string name) => _values.TryGetValue(name, out var found) && found.IsText ? found.Text : null;

    /// <summary>A text, number or word as it is written; null where there is none.</summary>
    public string? Value(string name) => _values.TryGetValue(name, out var found) ? found.Text : null;

    /// <summary>Writes an object of texts and whole numbers.</summary>
    public static string Write(IEnumerable<KeyValuePair<string, object>> fields) =>
        "{" + string.Join(",", fields.Select(field => $"{Quoted(field.Key)}:{(field.Value is string text ? Quoted(text) : Convert.ToString(field.Value, CultureInfo.InvariantCulture))}")) + "}";

    private static string Quoted(string text) =>
        "\"" + string.Concat(text.Select(c => c is '"' or '\\' ? "\\" + c : c < ' ' ? string.Format(CultureInfo.InvariantCulture, "\\u{0:x4}", (int)c) : c.ToString())) + "\"";

    private (string Text, bool IsText)? ReadValue(int depth)
    {
        SkipSpace();
        (string, bool)? value = null;
        if (Next is '{' or '[')
        {
            if (depth == MaxDepth) throw new FormatException();
            ReadList(depth, Next == '{');
        }
        else
        {
            value = Next == '"' ? (ReadText(), true) : (ReadBare(), false);
        }
        SkipSpace();
        return value;
    }

    private void ReadList(int depth, bool isObject)
    {
        var end = isObject ? '}' : ']';
        _at++;
        SkipSpace();
        if (Next == end)
        {
            _at++;
            return;
        }
        do
        {
            SkipSpace();
            var name = isObject ? ReadText() : null;
            SkipSpace();
            if (isObject) Take(':');
            var value = ReadValue(depth + 1);
            if (depth > 0 || name is null) continue;
            if (value is { } single) _values[name] = single;   // of several the last, as most readers have it
            else _values.Remove(name);
        }
        while (Passed(','));
        Take(end);
    }

    private string ReadBare()
    {
        var match = Bare.Match(_json, _at);
        if (!match.Success) throw new FormatException();
        _at += match.Length;
        return match.Value;
    }

    private string ReadText()
    {
        Take('"');
        var text = new StringBuilder();
        while (Next != '"')
        {
            if (Next < ' ') throw new FormatException();   // also the end
            text.Append(Next == '\\' ? ReadEscape() : Next);
            _at++;
        }
        _at++;
        var read = text.ToString();
        for (var i = 0; i < read.Length; i++)
        {
            if (!char.IsSurrogate(read[i])) continue;
            if (i + 1 == read.Length || !char.IsSurrogatePair(read[i], read[i + 1])) throw new FormatException();   // RFC 8259 section 8.2 leaves those to chance
            i++;
        }
        return read;
    }

    /// <summary>The character that an escape means; left at its last.</summary>
    private char ReadEscape()
    {
        _at++;
        if (Next == 'u')
        {
            if (_at + 4 >= _json.Length || !ushort.TryParse(_json.Substring(_at + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code)) throw new FormatException();
            _at += 4;
            return (char)code;
        }
        var place = "\"\\/bfnrt".IndexOf(Next);
        return place >= 0 ? "\"\\/\b\f\n\r\t"[place] : throw new FormatException();
    }

    private void SkipSpace()
    {
        while (Next is ' ' or '\t' or '\r' or '\n') _at++;
    }

    private bool Passed(char expected)
    {
        if (Next != expected) return false;
        _at++;
        return true;
    }

    private void Take(char expected)
    {
        if (!Passed(expected)) throw new FormatException();
    }
}
