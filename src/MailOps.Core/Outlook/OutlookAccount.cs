using MailOps.Messages;

namespace MailOps.Outlook;

/// <summary>An account as it is in the registry: the values of the closed list, as they are stored.</summary>
internal sealed class OutlookAccount
{
    private const int LongestShown = 1024;

    private readonly Dictionary<string, RegistryData> _values;

    private OutlookAccount(OutlookAccountType type, Dictionary<string, RegistryData> values)
    {
        Type = type;
        _values = values;
    }

    public required OutlookPlace Place { get; init; }
    public required string Profile { get; init; }
    public required string Key { get; init; }
    public required bool IsDefaultProfile { get; init; }

    public OutlookAccountType Type { get; }

    /// <summary>Whether it may be changed.</summary>
    public bool IsApplicable => Type is OutlookAccountType.Pop3 or OutlookAccountType.Imap;

    public string Email => Text(ValueNames.Email);

    /// <summary>Its key, from the root of the hive.</summary>
    public string Path => Place.AccountPath(Profile, Key);

    /// <summary>Reads an account from its key; null where the key is none.</summary>
    public static OutlookAccount? Read(IRegistryKey key, OutlookPlace place, string profile, string account, bool isDefaultProfile)
    {
        var classId = key.Read(ValueNames.ClassId)?.AsText();
        if (classId is null) return null;
        var type = OutlookAccountTypes.ByClassId(classId);
        var values = new Dictionary<string, RegistryData>(StringComparer.OrdinalIgnoreCase);
        foreach (var name in ValueNames.Read(type))
        {
            if (key.Read(name) is { } data) values[name] = data;
        }
        if (type == OutlookAccountType.Exchange) type = OutlookAccountTypes.OfMapi(values.GetValueOrNull(ValueNames.ServiceName)?.AsText(), values.GetValueOrNull(ValueNames.MapiProvider)?.AsNumber());
        return new OutlookAccount(type, values) { Place = place, Profile = profile, Key = account, IsDefaultProfile = isDefaultProfile };
    }

    /// <summary>A value as it is stored; null where there is none.</summary>
    public RegistryData? Value(string name) => _values.GetValueOrNull(name);

    /// <summary>A text as it is stored; empty where there is none.</summary>
    public string Text(string name) => Value(name)?.AsText() ?? "";

    /// <summary>A number; what Outlook takes for it where there is none, and null where something else is stored.</summary>
    public int? Number(string name) => Value(name) is { } data ? data.AsNumber() : ValueNames.Default(name);

    /// <summary>A value of the incoming server.</summary>
    public string Incoming(string part) => ValueNames.Incoming(Type, part);

    /// <summary>A text as it may be shown: without control characters, and not without end.</summary>
    public string Shown(string name) => Shorten(Text(name));

    /// <summary>A text of the registry as it may be shown.</summary>
    public static string Shorten(string text) => WireText.Show(text, LongestShown);
}
