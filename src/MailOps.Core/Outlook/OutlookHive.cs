using System.Text.RegularExpressions;

namespace MailOps.Outlook;

/// <summary>The hive of the user whose profiles are meant: the one of the account that asks, or of a user who was named. Never by mistake that of another.</summary>
public sealed class OutlookHive : IDisposable
{
    private static readonly Regex UserSidForm = new(@"\AS-1-(?:5-21|12-1)(?:-[0-9]{1,10}){4}\z", RegexOptions.CultureInvariant);

    private OutlookHive(IRegistryKey root, string sid)
    {
        Root = root;
        Sid = sid;
    }

    /// <summary>Its root.</summary>
    public IRegistryKey Root { get; }

    /// <summary>The security identifier of its user.</summary>
    public string Sid { get; }

    /// <summary>Opens it.</summary>
    /// <param name="host">The machine.</param>
    /// <param name="userSid">The user; null for the account that this process runs as.</param>
    /// <exception cref="MailOpsException">
    /// <see cref="ErrorCode.OutlookUserUnclear"/>: this process runs as a service, or as somebody else than who sits at the desktop. <see cref="ErrorCode.OutlookUserNotFound"/>: the hive is not loaded.
    /// </exception>
    public static OutlookHive Open(IOutlookHost host, string? userSid)
    {
        if (userSid is null)
        {
            CheckOwn(host);
            return new OutlookHive(OutlookErrors.Reading(host.OpenCurrentUser), host.UserSid);
        }
        var sid = userSid.Trim().ToUpperInvariant();
        if (!UserSidForm.IsMatch(sid))
            throw NotFound($"'{Messages.Printable.Escape(userSid)}' is not the security identifier of a user", "Write it as S-1-5-21-… (S-1-12-1-… for users of Entra ID); whoami /user shows one's own.");
        return OutlookErrors.Reading(() => host.OpenUser(sid)) is { } root
            ? new OutlookHive(root, sid)
            : throw NotFound(
                $"The registry hive of {sid} is not loaded",
                $@"Run this while the user is signed in, or load the hive (reg load HKU\{sid} C:\Users\name\NTUSER.DAT) and unload it afterwards. Loaded are: {Loaded(host)}.");
    }

    /// <inheritdoc/>
    public void Dispose() => Root.Dispose();

    // A value written to the hive of SYSTEM, or to that of the administrator who lent an account, would look like success and reach nobody.
    private static void CheckOwn(IOutlookHost host)
    {
        if (!UserSidForm.IsMatch(host.UserSid))
            throw Unclear(host, $"This runs as {host.UserName}, which has no Outlook");
        if (host.OtherSessionUser is { } other)
            throw Unclear(host, $"This runs as {host.UserName}, but {other} is signed in here, and profiles of Outlook belong to a user");
    }

    private static MailOpsException Unclear(IOutlookHost host, string what) => new(
        ErrorCode.OutlookUserUnclear, what + ".",
        $"Run it as the user (a logon script, or Intune in the user's context), or name the user's loaded hive with -UserSid. Loaded are: {Loaded(host)}.");

    private static MailOpsException NotFound(string what, string hint) => new(ErrorCode.OutlookUserNotFound, what + ".", hint);

    private static string Loaded(IOutlookHost host)
    {
        try
        {
            var sids = host.LoadedUsers().Where(sid => UserSidForm.IsMatch(sid)).ToArray();
            return sids.Length > 0 ? string.Join(", ", sids) : "none";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "not known, " + e.Message;
        }
    }
}
