namespace MailOps.Relay.Delivery.Pace;

/// <summary>The names of servers and domains as profiles write them: a name, or <c>*.name</c> for all below it.</summary>
internal static class HostPattern
{
    /// <summary>Whether a name, in A-labels, is one of these.</summary>
    public static bool Matches(IReadOnlyList<string> patterns, string name)
    {
        foreach (var pattern in patterns)
        {
            if (pattern.StartsWith("*.", StringComparison.Ordinal) ? name.EndsWith(pattern[1..], StringComparison.OrdinalIgnoreCase) : name.Equals(pattern, StringComparison.OrdinalIgnoreCase)) return true;
        }
        return false;
    }
}
