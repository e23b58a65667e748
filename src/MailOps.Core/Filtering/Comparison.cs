using System.Globalization;

namespace MailOps.Filtering;

/// <summary>One comparison of a filter: a property, an operator, a value of the property's kind.</summary>
internal static class Comparison
{
    public static readonly IReadOnlyCollection<string> Operators = ["-eq", "-ne", "-gt", "-ge", "-lt", "-le", "-like", "-notlike"];

    /// <summary>Makes the test. A property that is null equals only <c>$null</c>, and is neither before nor after anything.</summary>
    public static Func<object, bool> Of(FilterProperty property, string comparison, FilterToken value)
    {
        if (value is { Kind: FilterTokenKind.Word } && value.Text.Equals("$null", StringComparison.OrdinalIgnoreCase)) return OfNull(property, comparison, value);
        if (comparison is "-like" or "-notlike")
        {
            if (property.IsNumber || property.IsTime) throw FilterFault.At(value.Position, $"{property.Name} is not text, and {comparison} compares text");
            var wanted = comparison == "-like";
            return item => property.Values(item).Any(found => Wildcard.Matches(value.Text, (string)found)) == wanted;
        }
        var operand = Operand(property, value);
        return comparison switch
        {
            "-eq" => item => property.Values(item).Any(found => Compare(found, operand) == 0),
            "-ne" => item => property.Values(item).All(found => Compare(found, operand) != 0),
            "-gt" => item => property.Values(item).Any(found => Compare(found, operand) > 0),
            "-ge" => item => property.Values(item).Any(found => Compare(found, operand) >= 0),
            "-lt" => item => property.Values(item).Any(found => Compare(found, operand) < 0),
            _ => item => property.Values(item).Any(found => Compare(found, operand) <= 0),
        };
    }

    public static int Compare(IComparable left, IComparable right) =>
        left is string one && right is string other ? string.Compare(one, other, StringComparison.OrdinalIgnoreCase) : left.CompareTo(right);

    private static Func<object, bool> OfNull(FilterProperty property, string comparison, FilterToken value) => comparison switch
    {
        "-eq" => item => !property.Values(item).Any(),
        "-ne" => item => property.Values(item).Any(),
        _ => throw FilterFault.At(value.Position, "$null can be compared by -eq and -ne only"),
    };

    private static IComparable Operand(FilterProperty property, FilterToken value)
    {
        if (property.IsNumber)
            return ByteSize.TryParse(value.Text, out var number) ? number : throw FilterFault.At(value.Position, $"{property.Name} is a number, and '{value.Text}' is none; 4096, 25MB");
        if (!property.IsTime) return value.Text;
        return TryTime(value.Text, out var time) ? time : throw FilterFault.At(value.Position, $"{property.Name} is a time, and '{value.Text}' is none; '2026-03-01 12:00'");
    }

    // With slashes it is what PowerShell makes of a date inside a text, in whatever culture: month first. Without, it was typed by a person.
    private static bool TryTime(string text, out DateTimeOffset time) =>
        (text.IndexOf('/') < 0 && DateTimeOffset.TryParse(text, CultureInfo.CurrentCulture, DateTimeStyles.AssumeLocal, out time))
        || DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeLocal, out time);
}
