namespace MailOps.Outlook;

/// <summary>The way to this machine's registry.</summary>
public static class OutlookHost
{
    /// <summary>This machine.</summary>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.OutlookNeedsWindows"/>: it does not run Windows.</exception>
    public static IOutlookHost ThisMachine()
    {
#if NET
        if (OperatingSystem.IsWindows()) return new WindowsOutlookHost();
#else
        if (Environment.OSVersion.Platform == PlatformID.Win32NT) return new WindowsOutlookHost();
#endif
        throw new MailOpsException(
            ErrorCode.OutlookNeedsWindows, "Outlook keeps its profiles in the registry of Windows, and this machine does not run Windows.",
            "Run this on the machine of the user. Export-MailClientProfile, and New-OutlookSmtpProfile with -Path, work everywhere.");
    }
}
