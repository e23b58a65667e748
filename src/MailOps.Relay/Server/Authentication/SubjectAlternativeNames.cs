using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;

namespace MailOps.Relay.Server.Authentication;

/// <summary>Reads the e-mail addresses among a certificate's alternative names, which the platform's own reader leaves out.</summary>
internal static class SubjectAlternativeNames
{
    private static readonly Asn1Tag Rfc822Name = new(TagClass.ContextSpecific, 1);

    /// <summary>The addresses (GeneralName rfc822Name, RFC 5280 section 4.2.1.6); none where the extension cannot be read.</summary>
    public static IEnumerable<string> Emails(X509SubjectAlternativeNameExtension extension)
    {
        var found = new List<string>();
        try
        {
            var names = new AsnReader(extension.RawData, AsnEncodingRules.DER).ReadSequence();
            while (names.HasData)
            {
                if (names.PeekTag().HasSameClassAndValue(Rfc822Name)) found.Add(names.ReadCharacterString(UniversalTagNumber.IA5String, Rfc822Name));
                else names.ReadEncodedValue();
            }
            return found;
        }
        catch (AsnContentException)
        {
            return [];
        }
    }
}
