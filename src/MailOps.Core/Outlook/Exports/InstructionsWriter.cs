using System.Globalization;
using System.Text;
using MailOps.Providers;

namespace MailOps.Outlook.Exports;

/// <summary>One page for people whose client cannot be set from outside: Outlook for Mac, new Outlook for Windows, Outlook on phones.</summary>
internal static class InstructionsWriter
{
    private const string Special = @"\`*_{}[]()#+-!|<>~&";

    /// <summary>The page, as Markdown.</summary>
    public static byte[] Write(MailClientDefinition definition, MailClientUser? user)
    {
        var address = user is null ? "your e-mail address" : Escape(user.Address.ToString());
        var page = new StringBuilder();
        page.Append("# Mail of ").Append(Escape(definition.Name)).Append(user is null ? "" : " for " + Escape(user.Address.ToString())).Append("\n\n");
        page.Append("| | Server | Port | Encryption | User name | Log in with |\n|---|---|---|---|---|---|\n");
        foreach (var server in definition.Incoming.Concat(definition.Of(MailProtocol.Smtp))) page.Append(Row(server, user));
        page.Append("\nWhere two lines have the same purpose, take the first; the second is for when that fails. Nobody needs your password to set this up: type it yourself, into the mail program only.\n");
        page.Append("\n## New Outlook for Windows\n\n")
            .Append("1. Settings (the gear) > Accounts > Email accounts > Add account; type ").Append(address).Append(".\n")
            .Append("2. If it does not find the settings by itself: Choose provider > IMAP (or POP), then Show more, and type what the table says.\n")
            .Append("3. It asks to synchronise the mail with the Microsoft Cloud. Agree only where the organisation allows that.\n");
        page.Append("\n## Outlook for Mac\n\n")
            .Append("1. Outlook > Settings > Accounts > + > New Account; type ").Append(address).Append(".\n")
            .Append("2. If it offers another kind of account: Not this provider? > IMAP/POP, then type what the table says.\n");
        page.Append("\n## Outlook on iPhone, iPad and Android\n\n")
            .Append("1. Settings > Add Mail Account > Add Email Account; type ").Append(address).Append(".\n")
            .Append("2. If it offers another kind of account: Change account provider (top right) > IMAP, then Advanced settings, and type what the table says.\n");
        page.Append("\nEncryption: \"SSL/TLS\" begins with the connection, \"STARTTLS\" a moment later; programs that offer one word only mean either, and choose by the port. Menus differ a little from version to version.\n");
        return Encoding.UTF8.GetBytes(page.ToString());
    }

    private static string Row(MailServer server, MailClientUser? user) => string.Format(
        CultureInfo.InvariantCulture, "| {0} | `{1}` | {2} | {3} | {4} | {5} |\n",
        server.Protocol switch { MailProtocol.Imap => "Receiving (IMAP)", MailProtocol.Pop3 => "Receiving (POP)", _ => "Sending (SMTP)" },
        server.Server, server.Port,
        server.Tls switch { TlsMode.Implicit => "SSL/TLS", TlsMode.StartTls => "STARTTLS", TlsMode.Auto => "automatic", _ => "none" },
        !Proofs.NeedLogin(server) ? "none" : user is not null ? Escape(ClientAccount.Login(server, user)) : Described(server.UserName),
        Method(server));

    private static string Described(string form) => form switch
    {
        UserNameForm.WholeAddress => "your whole e-mail address",
        UserNameForm.LocalPart => "the part of your e-mail address before the @",
        _ => Escape(form
            .Replace(UserNameForm.WholeAddress, "(your whole e-mail address)").Replace(UserNameForm.LocalPart, "(the part of your e-mail address before the @)")
            .Replace(UserNameForm.Domain, "(the part of your e-mail address after the @)")),
    };

    private static string Method(MailServer server)
    {
        if (!Proofs.NeedLogin(server)) return "nothing";
        if (server.Authentication.Contains(MailAuthentication.AppPassword)) return "an app password, made in your account's settings";
        if (server.Authentication.Contains(MailAuthentication.SmtpCredential)) return "the name and key given out for sending";
        return Proofs.TakePassword(server) ? "your password" : "the sign-in page that the program opens";
    }

    // A pipe would end a cell, and what HTML or Markdown means something by would be shown as that.
    private static string Escape(string text)
    {
        var escaped = new StringBuilder();
        foreach (var letter in text)
        {
            if (Special.Contains(letter)) escaped.Append('\\');
            escaped.Append(letter);
        }
        return escaped.ToString();
    }
}
