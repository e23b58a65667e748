using System.Globalization;
using System.Management.Automation;

namespace MailOps.PowerShell.Parameters;

/// <summary>Files that parameters name, found from the location of PowerShell, which is not the process's.</summary>
internal static class FilePaths
{
    /// <summary>The files that a path with wildcards means; a file that is there by the whole name, brackets and all, is the one.</summary>
    /// <param name="cmdlet">The cmdlet.</param>
    /// <param name="path">The path.</param>
    /// <param name="mayBeNone">Whether wildcards may match nothing.</param>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.FileUnreadable"/>: it names none, or is not in the file system.</exception>
    public static IReadOnlyList<string> MatchingFiles(this PSCmdlet cmdlet, string path, bool mayBeNone)
    {
        try
        {
            if (WildcardPattern.ContainsWildcardCharacters(path) && cmdlet.SessionState.Path.GetUnresolvedProviderPathFromPSPath(path, out var own, out _) is var whole && own.Name == "FileSystem" && File.Exists(whole)) return [whole];
            var files = cmdlet.GetResolvedProviderPathFromPSPath(path, out var provider);
            if (provider.Name != "FileSystem") throw Unreadable(path, "it is not in the file system", null);
            return files.Count > 0 || mayBeNone ? files : throw Unreadable(path, "no file has such a name", null);
        }
        catch (Exception e) when (e is SessionStateException or ProviderInvocationException)
        {
            throw Unreadable(path, e.Message, e);
        }
    }

    /// <summary>The path in the file system, without wildcards.</summary>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.FileUnreadable"/>: it is not in the file system.</exception>
    public static string FullPath(this PSCmdlet cmdlet, string path)
    {
        try
        {
            var full = cmdlet.SessionState.Path.GetUnresolvedProviderPathFromPSPath(path, out var provider, out _);
            return provider.Name == "FileSystem" ? full : throw Unreadable(path, "it is not in the file system", null);
        }
        catch (Exception e) when (e is SessionStateException or ProviderInvocationException)
        {
            throw Unreadable(path, e.Message, e);
        }
    }

    /// <summary>The path of an object that is a file or has the path of one (PSPath, FullName); null where it has none.</summary>
    public static string? PathOf(PSObject value)
    {
        foreach (var name in new[] { "PSPath", "FullName" })
        {
            if (value.Properties[name]?.Value is { } path && Convert.ToString(path, CultureInfo.InvariantCulture) is { Length: > 0 } text) return text;
        }
        return null;
    }

    private static MailOpsException Unreadable(string path, string reason, Exception? cause) =>
        new(ErrorCode.FileUnreadable, $"The file '{path}' cannot be read: {reason}", "Check the path; a relative one starts at the current location of PowerShell.", cause);
}
