using System.Text.RegularExpressions;
using MailOps.Messages;

namespace MailOps.Providers;

/// <summary>The form of a user name, in which <c>%EMAILADDRESS%</c>, <c>%EMAILLOCALPART%</c> and <c>%EMAILDOMAIN%</c> stand for the address and its parts.</summary>
internal static class UserNameForm
{
    /// <summary>The whole address, which is what clients take where nothing is said.</summary>
    public const string WholeAddress = "%EMAILADDRESS%";

    /// <summary>What stands before the at sign.</summary>
    public const string LocalPart = "%EMAILLOCALPART%";

    /// <summary>What stands behind it.</summary>
    public const string Domain = "%EMAILDOMAIN%";

    // Also those in small letters, and variables of the shell: whoever writes them means a place-holder, and nobody has a user name of that kind.
    private static readonly Regex Places = new("%[A-Za-z_]+%", RegexOptions.CultureInvariant);

    /// <summary>Puts an address into a form, once: what stands in the address itself is no place-holder.</summary>
    public static string Fill(string form, EmailAddress address) => Fill(form, address.ToString(), address.LocalPart, address.Domain);

    /// <summary>The same with an address as somebody else has stored it, which need not be one.</summary>
    public static string Fill(string form, string address)
    {
        var at = address.LastIndexOf('@');
        return Fill(form, address, at < 0 ? address : address.Substring(0, at), address.Substring(at + 1));
    }

    /// <summary>Whether a form has a place-holder, so that it is another name for each user.</summary>
    public static bool HasPlace(string form) => Places.IsMatch(form);

    /// <summary>A place-holder that nobody knows; null where there is none.</summary>
    public static string? Unknown(string form) =>
        Places.Matches(form).Cast<Match>().Select(place => place.Value).FirstOrDefault(place => place is not (WholeAddress or LocalPart or Domain));

    private static string Fill(string form, string address, string localPart, string domain) => Places.Replace(form, place => place.Value switch
    {
        WholeAddress => address,
        LocalPart => localPart,
        Domain => domain,
        _ => place.Value,
    });
}
