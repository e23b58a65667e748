using System.Text.RegularExpressions;
using MailOps.Messages;

namespace MailOps.Providers;

/// <summary>The form of a user name, in which <c>%EMAILADDRESS%</c>, <c>%EMAILLOCALPART%</c> and <c>%EMAILDOMAIN%</c> stand for the address and its parts.</summary>
internal static class UserNameForm
{
    /// <summary>The whole address, which is what clients take where nothing is said.</summary>
    public const string WholeAddress = "%EMAILADDRESS%";

    private static readonly Regex Places = new("%[A-Z]+%", RegexOptions.CultureInvariant);

    /// <summary>Puts an address into a form, once: what stands in the address itself is no place-holder.</summary>
    public static string Fill(string form, EmailAddress address) => Places.Replace(form, place => place.Value switch
    {
        WholeAddress => address.ToString(),
        "%EMAILLOCALPART%" => address.LocalPart,
        "%EMAILDOMAIN%" => address.Domain,
        _ => place.Value,
    });

    /// <summary>A place-holder that nobody knows; null where there is none.</summary>
    public static string? Unknown(string form) =>
        Places.Matches(form).Cast<Match>().Select(place => place.Value).FirstOrDefault(place => place is not (WholeAddress or "%EMAILLOCALPART%" or "%EMAILDOMAIN%"));
}
