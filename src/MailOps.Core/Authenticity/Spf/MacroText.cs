using System.Text;

namespace MailOps.Authenticity.Spf;

/// <summary>What a text with macros is for, and so what may stand in it.</summary>
internal enum MacroUse
{
    /// <summary>The name of a domain to look up.</summary>
    Domain,
    /// <summary>The text of an explanation: spaces too, and the macros c, r and t (RFC 7208 section 7.2).</summary>
    Explanation,
    /// <summary>The value of a modifier that nobody knows: its form counts, its macros are not expanded.</summary>
    Unknown,
}

/// <summary>A text with macros, taken apart (RFC 7208 section 7.1).</summary>
internal sealed class MacroText
{
    private const string Letters = "slodiphcrtv";
    private const string OnlyInExplanations = "crt";
    private const string Delimiters = ".-+,/_=";
    private const string Unreserved = "-._~";

    private readonly List<Part> _parts = [];

    private MacroText(string text) => Text = text;

    /// <summary>The text as it was written.</summary>
    public string Text { get; }

    /// <summary>What stands behind the last macro, and whether there is one.</summary>
    public (bool AfterMacro, string Literal) Tail { get; private set; }

    /// <summary>Whether the name of the client is part of it, for which the DNS must be asked.</summary>
    public bool UsesName => _parts.Exists(part => part.Letter == 'p');

    /// <summary>Whether it says something else for each message, or for each client.</summary>
    public bool Varies => _parts.Exists(part => part.Letter is not ('\0' or 'd'));

    /// <summary>Reads a text; null with a fault where it has not the form.</summary>
    /// <param name="text">The text.</param>
    /// <param name="use">What it is for.</param>
    /// <param name="column">Where it begins in the record.</param>
    /// <param name="fault">What is wrong.</param>
    public static MacroText? Read(string text, MacroUse use, int column, out SpfFault? fault)
    {
        var macro = new MacroText(text);
        var literal = new StringBuilder();
        var afterMacro = false;
        fault = null;
        for (var i = 0; i < text.Length && fault is null; i++)
        {
            if (text[i] != '%')
            {
                if (text[i] is >= '!' and <= '~' || (text[i] == ' ' && use == MacroUse.Explanation)) literal.Append(text[i]);
                else fault = new SpfFault(column + i, "there is a character that is not allowed here", "Write plain ASCII; a name with other letters in its A-label form (xn--…).");
                continue;
            }
            macro.Add(literal);
            afterMacro = true;
            i = macro.ReadMacro(i, use, column, out fault);
        }
        macro.Tail = (afterMacro, literal.ToString());
        macro.Add(literal);
        return fault is null ? macro : null;
    }

    /// <summary>The text with its macros replaced.</summary>
    /// <param name="valueOf">What a macro letter, in lower case, stands for.</param>
    public string Expand(Func<char, string> valueOf)
    {
        var expanded = new StringBuilder();
        foreach (var part in _parts) expanded.Append(part.Letter == '\0' ? part.Literal : part.Expand(valueOf(part.Letter)));
        return expanded.ToString();
    }

    private void Add(StringBuilder literal)
    {
        if (literal.Length > 0) _parts.Add(new Part(literal.ToString()));
        literal.Clear();
    }

    // Where the macro ends.
    private int ReadMacro(int start, MacroUse use, int column, out SpfFault? fault)
    {
        fault = null;
        var next = start + 1 < Text.Length ? Text[start + 1] : '\0';
        var plain = next switch { '%' => "%", '_' => " ", '-' => "%20", _ => null };
        if (plain is not null)
        {
            _parts.Add(new Part(plain));
            return start + 1;
        }
        if (next != '{')
        {
            fault = new SpfFault(column + start, "a percent sign begins no macro here", "Write %% for a percent sign.");
            return start;
        }
        var end = Text.IndexOf('}', start);
        if (end < 0)
        {
            fault = new SpfFault(column + start, "the macro has no closing brace");
            return start;
        }
        fault = AddMacro(start + 2, end, use, column);
        return end;
    }

    private SpfFault? AddMacro(int at, int end, MacroUse use, int column)
    {
        var letter = char.ToLowerInvariant(Text[at]);
        if (at == end || !Letters.Contains(letter))
            return new SpfFault(column + at, $"'{Text.Substring(at, at == end ? 0 : 1)}' is no macro", "The macros are s, l, o, d, i, p, h, v, and in explanations c, r, t.");
        if (use == MacroUse.Domain && OnlyInExplanations.Contains(letter))
            return new SpfFault(column + at, $"the macro {letter} is allowed in explanations only");

        var i = at + 1;
        var digits = i;
        while (i < end && Text[i] is >= '0' and <= '9') i++;
        var number = Text.Substring(digits, i - digits).TrimStart('0');
        if (i > digits && number.Length == 0) return new SpfFault(column + digits, "the number of parts to keep is 0");
        var keep = i == digits ? 0 : number.Length > 4 ? int.MaxValue : int.Parse(number, System.Globalization.CultureInfo.InvariantCulture);
        var reverse = i < end && Text[i] is 'r' or 'R';
        if (reverse) i++;
        var delimiters = Text.Substring(i, end - i);
        var wrong = delimiters.ToList().FindIndex(c => !Delimiters.Contains(c));
        if (wrong >= 0) return new SpfFault(column + i + wrong, $"'{delimiters[wrong]}' is no delimiter of a macro", "A macro is a letter, then perhaps a number, r, and delimiters of . - + , / _ =");
        _parts.Add(new Part("") { Letter = letter, Keep = keep, Reverse = reverse, Split = delimiters.Length == 0 ? ['.'] : delimiters.ToCharArray(), Escape = char.IsUpper(Text[at]) });
        return null;
    }

    private sealed record Part(string Literal)
    {
        public char Letter { get; init; }
        /// <summary>How many parts from the right are kept; 0 for all.</summary>
        public int Keep { get; init; }
        public bool Reverse { get; init; }
        public char[] Split { get; init; } = ['.'];
        public bool Escape { get; init; }

        public string Expand(string value)
        {
            var parts = value.Split(Split);
            if (Reverse) Array.Reverse(parts);
            var skip = Keep == 0 ? 0 : Math.Max(0, parts.Length - Keep);
            var text = string.Join(".", parts.Skip(skip));
            return Escape ? UrlEscape(text) : text;
        }

        // RFC 7208 section 7.3: all but the unreserved characters of a URI.
        private static string UrlEscape(string text)
        {
            var escaped = new StringBuilder();
            foreach (var octet in Encoding.UTF8.GetBytes(text))
            {
                var c = (char)octet;
                if (c is >= 'a' and <= 'z' or >= 'A' and <= 'Z' or >= '0' and <= '9' || Unreserved.Contains(c)) escaped.Append(c);
                else escaped.Append('%').Append(octet.ToString("X2", System.Globalization.CultureInfo.InvariantCulture));
            }
            return escaped.ToString();
        }
    }
}
