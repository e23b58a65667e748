using MailOps.Messages;

namespace MailOps.Outlook.Exports;

/// <summary>Makes client profiles of one definition.</summary>
/// <param name="organisation">The organisation's settings.</param>
/// <param name="options">What some forms need beyond them.</param>
public sealed class MailClientExporter(MailClientDefinition organisation, MailClientExportOptions options)
{
    /// <summary>Makes the files of one form.</summary>
    /// <param name="format">The form.</param>
    /// <param name="user">The user that they are for; null for all users.</param>
    /// <returns>One file, or for SRV records one for each domain.</returns>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.MailClientFormatUnfit"/> or <see cref="ErrorCode.SigningFailed"/>.</exception>
    public IReadOnlyList<MailClientContent> Export(MailClientFormat format, MailClientUser? user)
    {
        var definition = organisation.For(user);
        var warnings = ClientWarnings.Of(definition, format, user, options);
        return format switch
        {
            MailClientFormat.AutodiscoverXml => [File("autodiscover.xml", AutodiscoverWriter.Write(definition, user))],
            MailClientFormat.Autoconfig => [File("config-v1.1.xml", AutoconfigWriter.Write(definition, user))],
            MailClientFormat.MobileConfig => [File("mobileconfig", MobileConfigWriter.Write(definition, Needed(format, user), options))],
            MailClientFormat.Instructions => [File("instructions.md", InstructionsWriter.Write(definition, user))],
            MailClientFormat.Prf => [File("prf", PrfWriter.Write(definition, Needed(format, user), options))],
            MailClientFormat.Reg => [File("reg", RegWriter.Write(definition, Needed(format, user), options))],
            MailClientFormat.DnsSrv => [.. definition.DomainsFor(user, format).Select(domain => new MailClientContent(SafeName.Of(domain, ".") + ".srv.zone", SrvZoneWriter.Write(definition, domain), warnings))],
            _ => throw new ArgumentOutOfRangeException(nameof(format), format, "No such form of client profile."),
        };

        MailClientContent File(string name, byte[] content) => new(user is null ? name : $"{SafeName.Of(user.Address.ToString(), "@.+")}.{name}", content, warnings);
    }

    private static MailClientUser Needed(MailClientFormat format, MailClientUser? user) => user ?? throw new MailOpsException(
        ErrorCode.MailClientFormatUnfit, $"{format} has no place-holder for the address, so that no file can be for all users.", "Name the user with -EmailAddress, or pipe the users in, for example from Import-Csv.");
}
