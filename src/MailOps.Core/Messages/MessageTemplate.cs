using System.Net;
using System.Text.RegularExpressions;

namespace MailOps.Messages;

/// <summary>A text with <c>{{Column}}</c> where the value of a column belongs.</summary>
public static class MessageTemplate
{
    private static readonly Regex Place = new(@"\{\{[ \t]*([^{}\r\n]*[^{}\r\n \t])[ \t]*\}\}", RegexOptions.CultureInvariant);

    /// <summary>The text with the values in their places; what a value holds is never taken for a place.</summary>
    /// <param name="text">The template.</param>
    /// <param name="html">Whether the text is HTML, in which values are escaped.</param>
    /// <param name="column">The value of a column; null where there is no such column.</param>
    /// <param name="columns">The names of the columns, for the error.</param>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.TemplateColumnMissing"/></exception>
    public static string Fill(string text, bool html, Func<string, string?> column, Func<IEnumerable<string>> columns) => Place.Replace(text, place =>
    {
        var name = place.Groups[1].Value;
        var value = column(name) ?? throw Missing(name, columns());
        return html ? WebUtility.HtmlEncode(value) : value;
    });

    private static MailOpsException Missing(string name, IEnumerable<string> columns) => new(
        ErrorCode.TemplateColumnMissing,
        $"The template has a place for the column '{Printable.Escape(name)}', which the record does not have.",
        $"Check the spelling; the record has {Printable.Escape(string.Join(", ", columns.Take(20)))}.");
}
