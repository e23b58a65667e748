using System.Globalization;

namespace MailOps.Filtering;

/// <summary>What is wrong with a filter or a sort order.</summary>
internal static class FilterFault
{
    private const string Hint = "Write it as in Exchange's shell: \"Status -eq 'Retry' -and Size -gt 25MB\", with -eq -ne -gt -ge -lt -le -like -notlike, -and -or -not and parentheses.";

    public static MailOpsException At(int position, string what) =>
        new(ErrorCode.FilterInvalid, string.Format(CultureInfo.InvariantCulture, "The filter is not one, at character {0}: {1}.", position, what), Hint);

    public static MailOpsException UnknownProperty(string name, IReadOnlyCollection<string> known) => new(
        ErrorCode.FilterInvalid,
        $"There is no property '{name}' to filter or sort by{NearestName.Hint(name, known)}.",
        $"The properties are: {string.Join(", ", known.OrderBy(property => property, StringComparer.Ordinal))}.");
}
