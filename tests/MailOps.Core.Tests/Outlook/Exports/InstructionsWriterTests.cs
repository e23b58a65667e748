using MailOps.Outlook.Exports;
using MailOps.Providers;

namespace MailOps.Core.Tests.Outlook.Exports;

public sealed class InstructionsWriterTests
{
    [Fact]
    public void The_table_says_what_there_is_to_type()
    {
        var page = Contoso.Definition.Export(MailClientFormat.Instructions, Contoso.User).Text();
        Assert.StartsWith("# Mail of Contoso for user@contoso.example\n", page, StringComparison.Ordinal);
        Assert.Contains("| Receiving (IMAP) | `imap.contoso.example` | 993 | SSL/TLS | user@contoso.example | your password |\n", page, StringComparison.Ordinal);
        Assert.Contains("| Sending (SMTP) | `smtp.contoso.example` | 587 | STARTTLS | user@contoso.example | your password |\n", page, StringComparison.Ordinal);
        foreach (var client in new[] { "## New Outlook for Windows", "## Outlook for Mac", "## Outlook on iPhone, iPad and Android" }) Assert.Contains(client, page, StringComparison.Ordinal);
        Assert.True(page.Split('\n').Length < 45, "It is one page.");
    }

    [Theory]
    [InlineData("%EMAILADDRESS%", "your whole e-mail address")]
    [InlineData("%EMAILLOCALPART%", "the part of your e-mail address before the @")]
    [InlineData("%EMAILDOMAIN%*%EMAILLOCALPART%", "\\(the part of your e\\-mail address after the @\\)\\*\\(the part of your e\\-mail address before the @\\)")]
    public void For_all_users_the_name_is_described(string form, string words) => Assert.Contains(
        $"| STARTTLS | {words} | your password |", Contoso.Draft.With(null, form, MailProtocol.Smtp).Check().Export(MailClientFormat.Instructions, null).Text(), StringComparison.Ordinal);

    [Theory]
    [InlineData(MailAuthentication.AppPassword, "an app password")]
    [InlineData(MailAuthentication.SmtpCredential, "the name and key given out for sending")]
    [InlineData(MailAuthentication.OAuth2, "the sign-in page")]
    [InlineData(MailAuthentication.None, "| none | nothing |")]
    public void It_says_with_what_one_logs_in(MailAuthentication proof, string words) => Assert.Contains(
        words, Contoso.Draft.With([proof], null, MailProtocol.Smtp).Check().Export(MailClientFormat.Instructions, null).Text(), StringComparison.Ordinal);

    [Fact]
    public void Names_are_text_and_nothing_else()
    {
        var page = (Contoso.Draft with { Name = "A|B <script> [x](y) *b* `c`" }).Check().Export(MailClientFormat.Instructions, null).Text();
        Assert.StartsWith("# Mail of A\\|B \\<script\\> \\[x\\]\\(y\\) \\*b\\* \\`c\\`\n", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_provider_with_servers_for_reading_has_a_page_and_all_other_files()
    {
        var whole = MailProviders.All.Where(provider => provider.Servers.Any(server => server.Protocol is MailProtocol.Imap or MailProtocol.Pop3)).ToArray();
        Assert.True(whole.Length > 8);
        foreach (var provider in whole)
        {
            var definition = MailClientDraft.Of(provider).Check();
            foreach (var format in Enum.GetValues<MailClientFormat>()) Assert.NotEmpty(definition.Export(format, Contoso.User, new MailClientExportOptions { ProfileName = "P", AccountKey = "00000001" }).Content);
        }
    }
}
