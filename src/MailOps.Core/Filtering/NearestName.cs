namespace MailOps.Filtering;

/// <summary>The known name that a mistyped one most likely meant.</summary>
public static class NearestName
{
    /// <summary>The name with the fewest letters to insert, remove or change (Levenshtein), capitals and small letters alike; the first by its letters among equals.</summary>
    /// <param name="name">What was written.</param>
    /// <param name="known">At least one name.</param>
    public static string Of(string name, IEnumerable<string> known) =>
        known.OrderBy(candidate => Distance(name.ToUpperInvariant(), candidate.ToUpperInvariant())).ThenBy(candidate => candidate, StringComparer.Ordinal).First();

    private static int Distance(string left, string right)
    {
        var previous = Enumerable.Range(0, right.Length + 1).ToArray();
        for (var i = 1; i <= left.Length; i++)
        {
            var current = new int[right.Length + 1];
            current[0] = i;
            for (var j = 1; j <= right.Length; j++)
                current[j] = Math.Min(Math.Min(current[j - 1], previous[j]) + 1, previous[j - 1] + (left[i - 1] == right[j - 1] ? 0 : 1));
            previous = current;
        }
        return previous[right.Length];
    }
}
