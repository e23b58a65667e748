namespace MailOps.Outlook;

/// <summary>Where in a user's hive the profiles of a version of Outlook are.</summary>
/// <param name="Version">The version, as in 16.0; 14.0 stands for all up to Outlook 2010.</param>
/// <param name="ProfilesPath">The key with a key for each profile.</param>
/// <param name="DefaultProfilePath">The key whose value DefaultProfile names the one to start with.</param>
/// <param name="TextKind">In which kind this version keeps texts.</param>
internal sealed record OutlookPlace(string Version, string ProfilesPath, string DefaultProfilePath, RegistryDataKind TextKind)
{
    /// <summary>In every profile the key with a key for each account.</summary>
    public const string AccountsKey = "9375CFF0413111d3B88A00104B2A6676";

    private const string Messaging = @"Software\Microsoft\Windows NT\CurrentVersion\Windows Messaging Subsystem\Profiles";
    private const string Office = @"Software\Microsoft\Office\";

    /// <summary>All there are, the newest first.</summary>
    public static IReadOnlyList<OutlookPlace> All { get; } =
    [
        new("16.0", Office + @"16.0\Outlook\Profiles", Office + @"16.0\Outlook", RegistryDataKind.Text),
        new("15.0", Office + @"15.0\Outlook\Profiles", Office + @"15.0\Outlook", RegistryDataKind.Binary),
        new("14.0", Messaging, Messaging, RegistryDataKind.Binary),
    ];

    /// <summary>Whether Outlook of this version has been here: other programs of Office, and updates, leave a key with nothing but Resiliency below.</summary>
    public bool IsReal(IRegistryKey hive)
    {
        using var key = hive.Open(DefaultProfilePath);
        return key is not null && (key.ValueNames().Count > 0 || key.SubKeyNames().Any(name => !string.Equals(name, "Resiliency", StringComparison.OrdinalIgnoreCase)));
    }

    /// <summary>The key of an account, from the root of the hive.</summary>
    public string AccountPath(string profile, string account) => $@"{ProfilesPath}\{profile}\{AccountsKey}\{account}";
}
