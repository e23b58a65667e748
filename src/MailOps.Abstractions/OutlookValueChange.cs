namespace MailOps;

/// <summary>One value of an account, before and after.</summary>
/// <param name="Name">Its name in the registry.</param>
/// <param name="Before">What it was; null where it was not there.</param>
/// <param name="After">What it is; null where it was removed.</param>
/// <param name="Kind">The kind in which it is stored, as the registry names it.</param>
public sealed record OutlookValueChange(string Name, string? Before, string? After, string Kind)
{
    /// <summary>The change on one line.</summary>
    public override string ToString() => $"{Name}: {Before ?? "(not set)"} -> {After ?? "(not set)"}";
}
