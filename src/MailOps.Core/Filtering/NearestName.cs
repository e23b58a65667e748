namespace MailOps.Filtering;

/// <summary>The known names that a mistyped one most likely meant.</summary>
public static class NearestName
{
    private const int MaxBeginnings = 3;

    /// <summary>The end of a sentence, <c>; the nearest known one is 'Size'</c>; empty where none is near, since a far one would mislead.</summary>
    /// <param name="name">What was written.</param>
    /// <param name="known">The names that there are.</param>
    public static string Hint(string name, IEnumerable<string> known)
    {
        var near = Of(name, [.. known]);
        return near.Count switch
        {
            0 => "",
            1 => $"; the nearest known one is '{near[0]}'",
            _ => $"; the nearest known ones are {string.Join(", ", near.Take(near.Count - 1).Select(one => $"'{one}'"))} and '{near[near.Count - 1]}'",
        };
    }

    // Those that begin with what was written: a word was left off, and nobody knows which. Else the one with the fewest letters to insert, remove or change (Levenshtein), if they are few.
    private static List<string> Of(string name, List<string> known)
    {
        var beginnings = name.Length > 1 ? known.Where(candidate => candidate.StartsWith(name, StringComparison.OrdinalIgnoreCase)).OrderBy(candidate => candidate, StringComparer.Ordinal).ToList() : [];
        if (beginnings.Count is > 0 and <= MaxBeginnings) return beginnings;
        var most = Math.Max(2, name.Length / 2);
        return known
            .Where(candidate => Math.Abs(candidate.Length - name.Length) <= most)   // each needs a letter more, or less
            .Select(candidate => (Name: candidate, Distance: Distance(name.ToUpperInvariant(), candidate.ToUpperInvariant())))
            .Where(candidate => candidate.Distance <= most)
            .OrderBy(candidate => candidate.Distance).ThenBy(candidate => candidate.Name, StringComparer.Ordinal)
            .Take(1).Select(candidate => candidate.Name).ToList();
    }

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
