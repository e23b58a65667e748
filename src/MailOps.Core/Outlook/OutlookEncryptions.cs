using MailOps.Providers;

namespace MailOps.Outlook;

/// <summary>Outlook's four ways of encryption, beside the words that the rest of the module has for them.</summary>
internal static class OutlookEncryptions
{
    /// <summary>Outlook's way.</summary>
    public static OutlookEncryption Of(TlsMode tls) => tls switch
    {
        TlsMode.None => OutlookEncryption.None,
        TlsMode.Implicit => OutlookEncryption.ImplicitTls,
        TlsMode.StartTls => OutlookEncryption.StartTls,
        _ => OutlookEncryption.Auto,
    };

    /// <summary>What a client of SMTP does for it; where it is not known, whichever the server has.</summary>
    public static TlsMode Mode(OutlookEncryption? encryption) => encryption switch
    {
        OutlookEncryption.None => TlsMode.None,
        OutlookEncryption.ImplicitTls => TlsMode.Implicit,
        OutlookEncryption.StartTls => TlsMode.StartTls,
        _ => TlsMode.Auto,
    };

    /// <summary>The number of it in SMTP Secure Connection, in the registry and in PRF files: SSL, which is TLS from the first byte, is 1, and TLS, which is STARTTLS, is 2.</summary>
    public static int Number(OutlookEncryption encryption) => encryption switch
    {
        OutlookEncryption.None => 0,
        OutlookEncryption.ImplicitTls => 1,
        OutlookEncryption.StartTls => 2,
        _ => 3,
    };

    /// <summary>What such a number means; null where it has no known meaning.</summary>
    public static OutlookEncryption? OfNumber(int? number) => number is >= 0 and <= 3
        ? ((OutlookEncryption[])[OutlookEncryption.None, OutlookEncryption.ImplicitTls, OutlookEncryption.StartTls, OutlookEncryption.Auto])[number.Value]
        : null;

    /// <summary>The port that goes with it; Auto begins as STARTTLS does.</summary>
    public static int UsualPort(MailProtocol protocol, OutlookEncryption encryption) =>
        UsualTls.PortOf(protocol, encryption == OutlookEncryption.Auto ? TlsMode.StartTls : Mode(encryption));
}
