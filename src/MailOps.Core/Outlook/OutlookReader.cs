using System.Globalization;

namespace MailOps.Outlook;

/// <summary>Finds the accounts in a hive: every profile of every version that has been here.</summary>
internal static class OutlookReader
{
    private const string MailAccounts = "{ED475418-B0D6-11D2-8C3B-00104B2A6676}";

    /// <summary>All accounts, in Outlook's order: the newest version first, the profiles as they are stored, the accounts as the profile lists them and those after it that it does not list.</summary>
    /// <param name="hive">The user's hive.</param>
    /// <param name="unreadable">Takes an error for each version, profile or account that cannot be read; the others are read all the same.</param>
    public static IReadOnlyList<OutlookAccount> Accounts(IRegistryKey hive, ICollection<MailOpsException> unreadable)
    {
        var accounts = new List<OutlookAccount>();
        foreach (var place in OutlookPlace.All)
        {
            Try(unreadable, () =>
            {
                if (place.IsReal(hive)) AddAccounts(hive, place, accounts, unreadable);
            });
        }
        return accounts;
    }

    /// <summary>An account by where it is; null where there is none.</summary>
    public static OutlookAccount? Account(IRegistryKey hive, OutlookPlace place, string profile, string account)
    {
        using var key = hive.Open(place.AccountPath(profile, account));
        return key is null ? null : OutlookAccount.Read(key, place, profile, account, IsDefault(hive, place, profile));
    }

    /// <summary>Whether the user has switched to the new Outlook.</summary>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.OutlookRegistryUnreadable"/></exception>
    public static bool UsesNewOutlook(IRegistryKey hive) => OutlookErrors.Reading(() =>
    {
        using var key = hive.Open(@"Software\Microsoft\Office\16.0\Outlook\Preferences");
        return key?.Read("UseNewOutlook")?.AsNumber() is { } used && used != 0;
    });

    private static void AddAccounts(IRegistryKey hive, OutlookPlace place, List<OutlookAccount> found, ICollection<MailOpsException> unreadable)
    {
        using var profiles = hive.Open(place.ProfilesPath);
        if (profiles is null) return;
        foreach (var profile in profiles.SubKeyNames())
        {
            Try(unreadable, () =>
            {
                using var accounts = profiles.Open($@"{profile}\{OutlookPlace.AccountsKey}");
                if (accounts is null) return;
                foreach (var name in Names(accounts))
                {
                    Try(unreadable, () =>
                    {
                        if (Account(hive, place, profile, name) is { } account) found.Add(account);
                    });
                }
            });
        }
    }

    private static void Try(ICollection<MailOpsException> unreadable, Action read)
    {
        try
        {
            read();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            unreadable.Add(OutlookErrors.Unreadable(e));
        }
    }

    private static bool IsDefault(IRegistryKey hive, OutlookPlace place, string profile)
    {
        using var key = hive.Open(place.DefaultProfilePath);
        return string.Equals(key?.Read("DefaultProfile")?.AsText(), profile, StringComparison.OrdinalIgnoreCase);
    }

    private static IEnumerable<string> Names(IRegistryKey accounts)
    {
        var keys = new HashSet<string>(accounts.SubKeyNames().Where(IsAccountKey), StringComparer.OrdinalIgnoreCase);
        foreach (var name in Listed(accounts.Read(MailAccounts)?.ToArray() ?? []))
        {
            if (keys.Remove(name)) yield return name;
        }
        foreach (var name in keys.OrderBy(name => name, StringComparer.OrdinalIgnoreCase)) yield return name;
    }

    private static IEnumerable<string> Listed(byte[] ids)
    {
        for (var i = 0; i + 3 < ids.Length; i += 4)
            yield return ((uint)(ids[i] | (ids[i + 1] << 8) | (ids[i + 2] << 16) | (ids[i + 3] << 24))).ToString("X8", CultureInfo.InvariantCulture);
    }

    /// <summary>Whether a key has the name of an account: eight hexadecimal digits.</summary>
    internal static bool IsAccountKey(string name) => name.Length == 8 && name.All(c => c is >= '0' and <= '9' or >= 'a' and <= 'f' or >= 'A' and <= 'F');
}
