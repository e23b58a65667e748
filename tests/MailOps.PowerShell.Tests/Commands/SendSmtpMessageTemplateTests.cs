using MailOps.Tests.Shared;

namespace MailOps.PowerShell.Tests.Commands;

/// <summary>{{Column}} in subject and bodies.</summary>
public sealed class SendSmtpMessageTemplateTests(Engine engine) : IClassFixture<Engine>, IDisposable
{
    private const string Common = "-From f@x.test -SmtpServer 127.0.0.1 -Port $port -MaxConnections 1";

    private readonly LoopbackSmtpServer _server = new();

    public void Dispose() => _server.Dispose();

    [Fact]
    public void Places_take_the_values_of_the_record_and_in_html_they_are_escaped()
    {
        Run($"[pscustomobject]@{{ To = 'a@x.test'; Name = 'Jo <b>& Co'; 'First Name' = 'Jo'; Days = 3; Empty = '' }} | Send-SmtpMessage -Subject 'For {{{{ Name }}}}' -Text '[{{{{First Name}}}}|{{{{days}}}}|{{{{Empty}}}}] {{{{Name}}}}' -Html '<p title=\"{{{{Name}}}}\">{{{{Name}}}}</p>' {Common}")
            .AssertNoErrors();

        var text = _server.Text(0);
        Assert.Contains("Subject: For Jo <b>& Co\r\n", text);
        Assert.Contains("[Jo|3|] Jo <b>& Co\r\n", text);
        Assert.Contains("<p title=\"Jo &lt;b&gt;&amp; Co\">Jo &lt;b&gt;&amp; Co</p>", text);
    }

    [Fact]
    public void A_body_is_html_where_it_says_so()
    {
        Run($"[pscustomobject]@{{ To = 'a@x.test'; N = '<' }}, [pscustomobject]@{{ To = 'a@x.test'; N = '<'; BodyAsHtml = 'true' }} | Send-SmtpMessage -Subject S -Body '={{{{N}}}}=' {Common}").AssertNoErrors();

        Assert.EndsWith("=<=\r\n", _server.Text(0));
        Assert.EndsWith("=&lt;=\r\n", _server.Text(1));
    }

    [Fact]
    public void A_record_that_lacks_the_column_is_an_error_and_the_others_go_on()
    {
        var error = Run($"[pscustomobject]@{{ To = 'a@x.test'; Nmae = 'x' }}, [pscustomobject]@{{ To = 'b@x.test'; Name = 'y' }} | Send-SmtpMessage -Subject '{{{{Name}}}}' {Common}").Error;

        Assert.Equal("TemplateColumnMissing", error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Equal("a@x.test", error.TargetObject);
        Assert.Contains("To, Nmae", error.ErrorDetails.RecommendedAction);
        Assert.Contains("Subject: y", _server.Text(0));
        Assert.Single(_server.Messages);
    }

    [Fact]
    public void What_a_record_brings_is_no_template_nor_is_a_value()
    {
        Run($"[pscustomobject]@{{ To = 'a@x.test'; Subject = '{{{{To}}}}'; Name = '{{{{From}}}}' }} | Send-SmtpMessage -Body '{{{{Name}}}} {{ {{}} }}' {Common}").AssertNoErrors();

        Assert.Contains("Subject: {{To}}\r\n", _server.Text(0));
        Assert.EndsWith("{{From}} { {} }\r\n", _server.Text(0));
    }

    [Fact]
    public void Without_records_text_stays_as_it_is()
    {
        Run($"Send-SmtpMessage -To a@x.test -Subject '{{{{Name}}}}' -Body '{{{{Name}}}}' {Common}").AssertNoErrors();

        Assert.Contains("Subject: {{Name}}\r\n", _server.Text(0));
        Assert.EndsWith("{{Name}}\r\n", _server.Text(0));
    }

    [Fact]
    public void A_hashtable_may_be_a_record()
    {
        Run($"@{{ Name = 'Jo' }} | Send-SmtpMessage -To a@x.test -Subject '{{{{Name}}}}' {Common}").AssertNoErrors();

        Assert.Contains("Subject: Jo\r\n", _server.Text(0));
    }

    [Fact]
    public void A_line_break_in_a_value_is_no_header()
    {
        var error = Run($"[pscustomobject]@{{ To = 'a@x.test'; Name = \"x`r`nBcc: evil@x.test\" }} | Send-SmtpMessage -Subject '{{{{Name}}}}' {Common}").Error;

        Assert.Equal("InvalidMessage", error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Empty(_server.Messages);
    }

    private EngineResult Run(string script) => engine.Run("param($port) " + script, _server.Port);
}
