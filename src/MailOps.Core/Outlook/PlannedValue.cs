namespace MailOps.Outlook;

/// <summary>A value of an account that is going to change.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Before">What is stored; null where nothing is.</param>
/// <param name="After">What will be; null where it is removed.</param>
internal sealed record PlannedValue(string Name, RegistryData? Before, RegistryData? After);
