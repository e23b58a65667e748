using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace MailOps.Authentication;

/// <summary>Takes secrets out of what others say. Servers have been seen to repeat them: as they are, percent-encoded, in base64 alone or with more around it, and broken over lines.</summary>
public static class SecretText
{
    /// <summary>What stands in the place of a secret.</summary>
    public const string Mark = "********";

    /// <summary>Under this length a secret is more likely a part of an ordinary word than one that leaked.</summary>
    public const int MinLength = 4;

    private const int MinLetters = 5;   // of base64

    // Each line of a reply may begin with its code, and with the enhanced one.
    private static readonly Regex Break = new(@"\G[ \t]*\r?\n(?:[2-5][0-9]{2}[ -])?(?:[245]\.[0-9]{1,3}\.[0-9]{1,3}[ \t]+)?", RegexOptions.CultureInvariant);

    /// <summary>What to look for, so that a secret is found: itself, and what it comes to within base64, of which there are three forms, by where it begins, each in both alphabets.</summary>
    /// <param name="secret">The secret; one of fewer than <see cref="MinLength"/> characters is not looked for.</param>
    public static IEnumerable<string> Forms(string secret)
    {
        if (secret.Length < MinLength) yield break;
        yield return secret;
        var bytes = Encoding.UTF8.GetBytes(secret);
        for (var before = 0; before < 3; before++)
        {
            var shifted = new byte[before + bytes.Length];
            bytes.CopyTo(shifted, before);
            // A letter has six bits: one that has some of what stands before or behind is another each time.
            var (first, end) = (((8 * before) + 5) / 6, 8 * shifted.Length / 6);
            if (end - first < MinLetters) continue;
            var letters = Convert.ToBase64String(shifted).Substring(first, end - first);
            yield return letters;
            var urlSafe = letters.Replace('+', '-').Replace('/', '_');
            if (urlSafe != letters) yield return urlSafe;
        }
    }

    /// <summary>The text with a mark in the place of each form; line breaks within one stay.</summary>
    /// <param name="text">The text.</param>
    /// <param name="forms">What to look for.</param>
    /// <param name="isCut">Whether the text could have gone on, so that it may end within a secret.</param>
    public static string Without(string text, IEnumerable<string> forms, bool isCut = false)
    {
        foreach (var form in forms) text = Without(text, form, isCut);
        return text;
    }

    private static string Without(string text, string form, bool isCut)
    {
        text = text.Replace(form, Mark);   // ordinal, in every framework
        StringBuilder? clean = null;
        var copied = 0;
        for (var at = 0; at < text.Length; at++)
        {
            if ((text[at] != form[0] && text[at] is not ('%' or '+')) || EndOf(text, at, form, isCut) is not { } end) continue;
            clean = (clean ?? new StringBuilder(text.Length)).Append(text, copied, at - copied).Append(Mark).Append('\n', text.Substring(at, end - at).Count(c => c == '\n'));
            copied = end;
            at = end - 1;
        }
        return clean is null ? text : clean.Append(text, copied, text.Length - copied).ToString();
    }

    /// <summary>Where a form that begins here is over; null where there is none.</summary>
    private static int? EndOf(string text, int start, string form, bool isCut)
    {
        var at = start;
        for (var i = 0; i < form.Length;)
        {
            var length = char.IsSurrogatePair(form, i) ? 2 : 1;
            var next = Step(text, at, form, i, length);
            if (next < 0 && i > 0 && Break.Match(text, at) is { Success: true } lineEnd)
            {
                at += lineEnd.Length;
                while ((next = Step(text, at, form, i, length)) < 0 && at < text.Length && text[at] == ' ') at++;
            }
            if (next < 0) return isCut && at == text.Length && i >= MinLength ? at : null;
            at = next;
            i += length;
        }
        return at;
    }

    /// <summary>Where a character of the form that stands here, as it is or percent-encoded, is over; -1 where there is another.</summary>
    private static int Step(string text, int at, string form, int index, int length)
    {
        if (at == text.Length) return -1;
        if (text[at] == '%' && Decoded(text, at, form.Substring(index, length)) is > 0 and var end) return end;
        if (text[at] == '+' && form[index] == ' ') return at + 1;   // as forms have it
        return string.CompareOrdinal(text, at, form, index, length) == 0 ? at + length : -1;
    }

    private static int Decoded(string text, int at, string character)
    {
        foreach (var octet in Encoding.UTF8.GetBytes(character))
        {
            if (at + 3 > text.Length || text[at] != '%' || !byte.TryParse(text.Substring(at + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var one) || one != octet) return -1;
            at += 3;
        }
        return at;
    }
}
