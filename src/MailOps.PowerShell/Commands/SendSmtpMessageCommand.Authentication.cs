using MailOps.Authentication;
using MailOps.Submission;

namespace MailOps.PowerShell.Commands;

/// <summary>Who sends, and how that is proven to the server.</summary>
public sealed partial class SendSmtpMessageCommand
{
    private SubmissionOptions WithLogin(SubmissionOptions options)
    {
        var login = ReadLogin(Credential, MailProtocol.Smtp);
        return options with { Credential = login?.Credential, Login = login?.Method ?? LoginMethod.Default };
    }
}
