using MailOps.Outlook;

namespace MailOps.Core.Tests.Outlook;

/// <summary>A machine with profiles, as Outlook leaves them.</summary>
internal sealed class OutlookScene : IDisposable
{
    public const string Pop3 = "{ED475411-B0D6-11D2-8C3B-00104B2A6676}";
    public const string Imap = "{ED475412-B0D6-11D2-8C3B-00104B2A6676}";
    public const string Mapi = "{ED475414-B0D6-11D2-8C3B-00104B2A6676}";
    public const string Accounts = "9375CFF0413111d3B88A00104B2A6676";
    public const string MailIds = "{ED475418-B0D6-11D2-8C3B-00104B2A6676}";
    public const string Office16 = @"Software\Microsoft\Office\16.0\Outlook";
    public const string Office15 = @"Software\Microsoft\Office\15.0\Outlook";
    public const string Messaging = @"Software\Microsoft\Windows NT\CurrentVersion\Windows Messaging Subsystem\Profiles";

    /// <summary>Settings that change nine values.</summary>
    public static readonly OutlookSettings Wanted = new OutlookSettings { SmtpServer = "out.new.test", Encryption = OutlookEncryption.StartTls, UserName = "u", IncomingServer = "in.new.test", DisplayName = "Ada L." }.Check();

    private readonly string _folder = Path.Combine(Path.GetTempPath(), "mo-" + Guid.NewGuid().ToString("N")[..12]);

    public OutlookScene() => Host = new FakeOutlookHost(Path.Combine(_folder, "backups"));

    public FakeOutlookHost Host { get; }

    public MemoryRegistry Registry => Host.Registry;

    public static string ProfilesOf(string version) => version switch { "16.0" => Office16 + @"\Profiles", "15.0" => Office15 + @"\Profiles", _ => Messaging };

    public string File(string name)
    {
        Directory.CreateDirectory(_folder);
        return Path.Combine(_folder, name);
    }

    public IRegistryKey Hive(string path) => Registry.Key(FakeOutlookHost.OwnSid + "\\" + path);

    public IRegistryKey Account(string key, string profile = "Outlook", string version = "16.0") => Hive($@"{ProfilesOf(version)}\{profile}\{Accounts}\{key}");

    // An account with all that Outlook keeps of one, in the kinds of its version. The values are what else there is, or instead: texts, numbers, data as it is, null for what is left out.
    public IRegistryKey Add(string key, string address, string classId = Imap, string profile = "Outlook", string version = "16.0", params (string Name, object? Value)[] values)
    {
        using var place = Hive(version switch { "16.0" => Office16, "15.0" => Office15, _ => Messaging });
        place.Write("DefaultProfile", RegistryData.OfText("Outlook"));
        var account = Account(key, profile, version);
        var protocol = classId == Pop3 ? "POP3" : "IMAP";
        var own = new Dictionary<string, object?>
        {
            ["clsid"] = classId,
            ["Mini UID"] = 0x1234567,
            ["Account Name"] = address,
            ["Display Name"] = "Ada",
            ["Email"] = address,
            [protocol + " Server"] = "in.old.test",
            [protocol + " User"] = address,
            [protocol + " Use SSL"] = 1,
            [protocol + " Port"] = protocol == "POP3" ? 995 : 993,
            [protocol + " Password"] = new RegistryData(RegistryDataKind.Binary, [1, 2, 3]),
            ["SMTP Server"] = "out.old.test",
            ["Delivery Store EntryID"] = new RegistryData(RegistryDataKind.Binary, new byte[182]),
            ["Preferences UID"] = new RegistryData(RegistryDataKind.Binary, new byte[16]),
        };
        foreach (var (name, value) in values) own[name] = value;
        foreach (var (name, value) in own)
        {
            if (value is not null) account.Write(name, Data(value, version));
        }
        return account;
    }

    public void List(string profile, string version, params int[] ids)
    {
        using var accounts = Hive($@"{ProfilesOf(version)}\{profile}\{Accounts}");
        accounts.Write(MailIds, new RegistryData(RegistryDataKind.Binary, [.. ids.SelectMany(BitConverter.GetBytes)]));
        accounts.Write("NextAccountID", RegistryData.OfNumber(99));
        accounts.Write("LastChangeVer", new RegistryData(RegistryDataKind.Binary, [1, 0, 0, 0, 0, 0, 0, 0]));
    }

    public static RegistryData Data(object value, string version = "16.0") => value switch
    {
        RegistryData data => data,
        int number => RegistryData.OfNumber(number),
        var text => RegistryData.OfText((string)text, version == "16.0" ? RegistryDataKind.Text : RegistryDataKind.Binary),
    };

    /// <summary>A run with those settings.</summary>
    public OutlookSmtpChange Set(string address, bool force = false)
    {
        using var run = new OutlookRun(Host, null, null, force);
        return run.Apply(Assert.Single(run.Plan(new() { EmailAddress = address }, Wanted)));
    }

    /// <summary>Such a run, whose process dies before a change of its own.</summary>
    public void Crash(int change)
    {
        Registry.Revive();
        Registry.CrashedChange = change;
        Assert.Throws<MemoryRegistry.ProcessDiedException>(() => Set("a@a.test"));
        Registry.Revive();
    }

    public OutlookSmtpProfile[] Read(string? sid = null, List<MailOpsException>? unreadable = null)
    {
        using var hive = OutlookHive.Open(Host, sid);
        List<MailOpsException> errors = [];
        OutlookSmtpProfile[] profiles = [.. OutlookProfiles.Read(Host, hive, unreadable ?? errors)];
        Assert.Empty(errors);
        return profiles;
    }

    public void Dispose()
    {
        if (Directory.Exists(_folder)) Directory.Delete(_folder, recursive: true);
    }
}
