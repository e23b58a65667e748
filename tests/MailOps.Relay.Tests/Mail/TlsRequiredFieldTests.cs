using System.Text;
using MailOps.Relay.Mail;

namespace MailOps.Relay.Tests.Mail;

/// <summary>The header field of RFC 8689 section 3.</summary>
public sealed class TlsRequiredFieldTests
{
    [Theory]
    [InlineData("TLS-Required: No\r\n\r\nx", true)]
    [InlineData("Subject: x\r\nTLS-Required: No\r\n\r\nx", true)]
    [InlineData("tls-required:no\r\n\r\n", true)]
    [InlineData("TLS-Required :  NO \r\n\r\n", true)]
    [InlineData("TLS-Required:\r\n No\r\n\r\n", true)]
    [InlineData("Subject: x\r\nTLS-Required: No", true)]
    [InlineData("TLS-Required: Yes\r\n\r\n", false)]
    [InlineData("TLS-Required: No way\r\n\r\n", false)]
    [InlineData("TLS-Required:\r\nNo: x\r\n\r\n", false)]
    [InlineData("To: x\r\n TLS-Required: No\r\n\r\n", false)]
    [InlineData("X-TLS-Required: No\r\n\r\n", false)]
    [InlineData("Subject: x\r\n\r\nTLS-Required: No\r\n", false)]
    [InlineData("", false)]
    [InlineData("t", false)]
    public void It_is_found_in_the_header_alone(string content, bool found)
    {
        Assert.Equal(found, TlsRequiredField.SaysNo(Encoding.ASCII.GetBytes(content)));
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, content);
            Assert.Equal(found, TlsRequiredField.SaysNo(new InFile(file)));
        }
        finally
        {
            File.Delete(file);
        }
    }

    private sealed class InFile(string path) : MailContent
    {
        public override long Length => new FileInfo(path).Length;

        public override Stream OpenRead() => File.OpenRead(path);
    }
}
