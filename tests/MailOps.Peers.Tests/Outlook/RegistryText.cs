using System.Globalization;
using System.Text;

namespace MailOps.Peers.Tests.Outlook;

/// <summary>Profiles as .reg files, as Outlook of each version leaves them.</summary>
internal static class RegistryText
{
    public const string Accounts = "9375CFF0413111d3B88A00104B2A6676";

    /// <summary>The key of a version's profiles, below that of a user.</summary>
    public static string Profiles(string version) => version == "14.0"
        ? @"Software\Microsoft\Windows NT\CurrentVersion\Windows Messaging Subsystem\Profiles"
        : $@"Software\Microsoft\Office\{version}\Outlook\Profiles";

    /// <summary>A profile with its accounts, each the lines of its values beside those that all have.</summary>
    public static string Profile(string user, string version, string profile, params (string Address, string Lines)[] accounts)
    {
        var (place, root) = (version == "14.0" ? Profiles(version) : $@"Software\Microsoft\Office\{version}\Outlook", $@"{user}\{Profiles(version)}\{profile}\{Accounts}");
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"[{user}\\{place}]\n\"DefaultProfile\"=\"{profile}\"\n\n[{root}]\n");
        text.Append("\"{ED475418-B0D6-11D2-8C3B-00104B2A6676}\"=hex:").AppendJoin(',', accounts.Select((_, i) => $"{i + 1:x2},00,00,00"));
        text.Append("\n\"NextAccountID\"=dword:00000099\n\"LastChangeVer\"=hex:05,00,00,00,00,00,00,00\n\n");
        for (var i = 0; i < accounts.Length; i++)
        {
            var (address, lines) = accounts[i];
            text.Append(CultureInfo.InvariantCulture, $"[{root}\\{i + 1:X8}]\n\"clsid\"={Text("{ED475412-B0D6-11D2-8C3B-00104B2A6676}", version)}\n\"Mini UID\"=dword:{i + 1000:x8}\n");
            foreach (var (name, value) in new[] { ("Account Name", address), ("Email", address), ("Display Name", "Ada İşık"), ("IMAP Server", "in.old.test"), ("IMAP User", address), ("SMTP Server", "out.old.test") })
                text.Append(CultureInfo.InvariantCulture, $"\"{name}\"={Text(value, version)}\n");
            text.Append("\"IMAP Password\"=hex:02,01,02,03\n\"Delivery Store EntryID\"=hex:00,00,00,00,38,a1,bb,10\n\"XP Provider UID\"=hex(3):01\n\"IMAP Use SSL\"=dword:00000001\n\"IMAP Port\"=dword:000003e1\n");
            text.Append(lines).Append("\n\n");
        }
        return text.ToString();
    }

    /// <summary>A text in the kind of its version.</summary>
    public static string Text(string text, string version) => version == "16.0"
        ? "\"" + text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + "\""
        : "hex:" + string.Join(',', Encoding.Unicode.GetBytes(text + "\0").Select(b => b.ToString("x2", CultureInfo.InvariantCulture)));

    /// <summary>The values of an account in an export, each as a line.</summary>
    public static IReadOnlyList<string> AccountLines(string export, string profile, string key)
    {
        var from = export.IndexOf($"\\{profile}\\{Accounts}\\{key}]", StringComparison.OrdinalIgnoreCase);
        Assert.True(from >= 0, $"There is no account {key} in\n{export}");
        var lines = export[from..].Split('\n').Skip(1).TakeWhile(line => line.Length > 0);
        return [.. lines];
    }

    /// <summary>The lines that one export has and the other does not, those of the first with a minus.</summary>
    public static IEnumerable<string> Difference(string before, string after)
    {
        var (old, now) = (before.Split('\n'), after.Split('\n'));
        return [.. old.Except(now).Select(line => "-" + line), .. now.Except(old).Select(line => "+" + line)];
    }
}
