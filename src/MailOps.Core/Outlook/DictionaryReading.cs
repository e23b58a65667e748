namespace MailOps.Outlook;

/// <summary>What .NET Framework lacks.</summary>
internal static class DictionaryReading
{
    /// <summary>A value, or null where there is none.</summary>
    public static TValue? GetValueOrNull<TValue>(this Dictionary<string, TValue> values, string key)
        where TValue : class => values.TryGetValue(key, out var value) ? value : null;
}
