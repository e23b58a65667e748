namespace MailOps.Outlook;

/// <summary>What kind of account a key is.</summary>
internal static class OutlookAccountTypes
{
    private const int AddressBookProvider = 2;
    private const int StoreProvider = 4;

    private static readonly Dictionary<string, OutlookAccountType> ByClass = new(StringComparer.OrdinalIgnoreCase)
    {
        ["{ED475411-B0D6-11D2-8C3B-00104B2A6676}"] = OutlookAccountType.Pop3,
        ["{ED475412-B0D6-11D2-8C3B-00104B2A6676}"] = OutlookAccountType.Imap,
        ["{ED475414-B0D6-11D2-8C3B-00104B2A6676}"] = OutlookAccountType.Exchange,
        ["{4DB5CBF0-3B77-4852-BC8E-BB81908861F3}"] = OutlookAccountType.Http,
        ["{4DB5CBF2-3B77-4852-BC8E-BB81908861F3}"] = OutlookAccountType.AddressBook,
    };

    /// <summary>The kind by its class; of MAPI accounts, which are of several kinds, <see cref="OutlookAccountType.Exchange"/>.</summary>
    public static OutlookAccountType ByClassId(string classId) => ByClass.TryGetValue(classId, out var type) ? type : OutlookAccountType.Other;

    /// <summary>The kind of a MAPI account.</summary>
    /// <param name="service">The name of its MAPI service.</param>
    /// <param name="provider">What it provides.</param>
    public static OutlookAccountType OfMapi(string? service, int? provider) => (service?.ToUpperInvariant(), provider) switch
    {
        ("MSEMS", _) => OutlookAccountType.Exchange,
        ("CONTAB", _) or (_, AddressBookProvider) => OutlookAccountType.AddressBook,
        ("MSUPST MS" or "MSPST MS", _) or (_, StoreProvider) => OutlookAccountType.Store,
        _ => OutlookAccountType.Exchange,
    };
}
