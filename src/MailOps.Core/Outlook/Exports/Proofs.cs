namespace MailOps.Outlook.Exports;

/// <summary>What a list of proofs means for clients that know passwords and little else. An empty list says nothing, and a password is assumed.</summary>
internal static class Proofs
{
    /// <summary>Whether the client must log in.</summary>
    public static bool NeedLogin(MailServer server) =>
        server.Authentication.Length == 0 || server.Authentication.Any(proof => proof is not (MailAuthentication.None or MailAuthentication.ClientAddress or MailAuthentication.ClientCertificate));

    /// <summary>Whether a name and a password, of whichever kind, are enough.</summary>
    public static bool TakePassword(MailServer server) => server.Authentication.Length == 0 || server.Authentication.Any(IsPassword);

    /// <summary>Whether NTLM, which Outlook calls SPA, is the only one.</summary>
    public static bool AreNtlm(MailServer server) => server.Authentication.Length > 0 && server.Authentication.All(proof => proof == MailAuthentication.Ntlm);

    private static bool IsPassword(MailAuthentication proof) =>
        proof is MailAuthentication.Password or MailAuthentication.EncryptedPassword or MailAuthentication.AppPassword or MailAuthentication.SmtpCredential or MailAuthentication.Ntlm;
}
