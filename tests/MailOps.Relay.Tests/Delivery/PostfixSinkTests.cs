using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using MailOps.Relay.Mail;
using MailOps.Tests.Shared;

namespace MailOps.Relay.Tests.Delivery;

/// <summary>Postfix's smtp-sink as the next hop: a server that nobody here wrote.</summary>
public sealed class PostfixSinkTests
{
    private const string Sink = "/usr/sbin/smtp-sink";

    [Theory]
    [InlineData("SMTP", "")]
    [InlineData("SMTP without pipelining", "-p")]
    [InlineData("SMTP without EHLO", "-e")]
    [InlineData("LMTP", "-L")]
    [InlineData("refusing MAIL for good", "-f MAIL")]
    [InlineData("refusing DATA for now", "-r DATA")]
    [InlineData("refusing the content before it has come", "-A 0")]
    [InlineData("closing at RCPT", "-q RCPT")]
    public async Task Every_message_gets_its_outcome(string how, string options)
    {
        Assert.SkipUnless(File.Exists(Sink), $"{Sink} is not installed (Debian: postfix).");
        var port = FreePort();
        var user = Environment.IsPrivilegedProcess ? "-u nobody " : "";
        using var sink = Process.Start(new ProcessStartInfo(Sink, $"{user}-c {options} 127.0.0.1:{port.ToString(CultureInfo.InvariantCulture)} 100") { RedirectStandardOutput = true, RedirectStandardError = true })!;
        try
        {
            await Poll.UntilAsync(() => Listens(port));
            await using var scene = new DeliveryScene();
            var kind = options == "-L" ? RouteKind.Lmtp : RouteKind.SmartHost;
            scene.Options = new SmtpRelayOptions { QueuePath = "", Routes = [new() { Kind = kind, Host = $"127.0.0.1:{port.ToString(CultureInfo.InvariantCulture)}" }] };
            await scene.StartAsync();

            for (var i = 0; i < 30; i++) await scene.SendAsync(new MailSender(null), ".dot\r\nSubject: x\r\n\r\nHello\r\n", "a@example.test", "b@example.test");
            await Poll.UntilAsync(() => scene.Agent.Delivered + scene.Agent.Deferred + scene.Agent.Failed == 60);

            (long, long, long) expected = options switch
            {
                "-r DATA" or "-q RCPT" => (0, 60, 0),
                "-f MAIL" or "-A 0" => (0, 0, 60),
                _ => (60, 0, 0),
            };
            Assert.True(expected == (scene.Agent.Delivered, scene.Agent.Deferred, scene.Agent.Failed), how);
        }
        finally
        {
            sink.Kill();
            await sink.WaitForExitAsync(DeliveryScene.Ended);
        }
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private static bool Listens(int port)
    {
        try
        {
            using var socket = new TcpClient("127.0.0.1", port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
