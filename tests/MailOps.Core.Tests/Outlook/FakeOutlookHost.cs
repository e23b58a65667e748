using MailOps.Outlook;

namespace MailOps.Core.Tests.Outlook;

/// <summary>A machine with a registry in memory.</summary>
internal sealed class FakeOutlookHost(string backupFolder) : IOutlookHost
{
    public const string OwnSid = "S-1-5-21-1-2-3-1001";
    public const string OtherSid = "S-1-5-21-1-2-3-1002";

    public MemoryRegistry Registry { get; } = new();

    public string UserSid { get; set; } = OwnSid;

    public string UserName { get; set; } = @"CORP\ada";

    public string? OtherSessionUser { get; set; }

    public Dictionary<string, int[]> Processes { get; } = [];

    public string BackupFolder => backupFolder;

    /// <summary>Users to whose profiles somebody writes.</summary>
    public HashSet<string> Busy { get; } = [];

    public IDisposable? TryEnter(string sid) => Busy.Add(sid) ? new Right(() => Busy.Remove(sid)) : null;

    public IRegistryKey OpenCurrentUser() => Registry.Key(UserSid);

    public IRegistryKey? OpenUser(string sid)
    {
        using var root = Registry.Key();
        return root.Open(sid);
    }

    public IReadOnlyList<string> LoadedUsers()
    {
        using var root = Registry.Key();
        return root.SubKeyNames();
    }

    public IReadOnlyList<int> OutlookProcesses(string sid) => Processes.GetValueOrDefault(sid, []);

    private sealed class Right(Action end) : IDisposable
    {
        public void Dispose() => end();
    }
}
