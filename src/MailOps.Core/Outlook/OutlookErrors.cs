namespace MailOps.Outlook;

/// <summary>Errors that several parts of this folder have.</summary>
internal static class OutlookErrors
{
    /// <summary>The registry does not let itself be read.</summary>
    public static MailOpsException Unreadable(Exception cause) => new(
        ErrorCode.OutlookRegistryUnreadable, $"The registry cannot be read: {cause.Message}", "Run as the user, or with -UserSid as an administrator; a hive that is damaged is seen in the event log of Windows.", cause);

    /// <summary>Reads from the registry.</summary>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.OutlookRegistryUnreadable"/></exception>
    public static T Reading<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(e);
        }
    }

    /// <summary>Settings that cannot be, or do not fit together.</summary>
    public static MailOpsException Invalid(string message, string hint) => new(ErrorCode.OutlookSettingsInvalid, message, hint);
}
