using System.Net;
using System.Net.Sockets;

namespace MailOps.PowerShell.Tests.Commands;

/// <summary>-WhatIf touches nothing: no file, no connection, no relay.</summary>
public sealed class WhatIfTests : IClassFixture<Engine>
{
    private readonly Engine _engine;

    public WhatIfTests(Engine engine) => _engine = engine;

    [Fact]
    public void Send_makes_no_connection_and_says_what_it_would_send()
    {
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        var result = _engine.Show(
            "param($port) Send-SmtpMessage -To a@example.test -From b@example.test -Subject Hello -SmtpServer 127.0.0.1 -Port $port -PassThru -WhatIf",
            ((IPEndPoint)server.LocalEndpoint).Port);
        Assert.Contains("What if:", result, StringComparison.Ordinal);
        Assert.Contains("a@example.test", result, StringComparison.Ordinal);
        Assert.False(server.Pending());
    }

    [Fact]
    public void Start_makes_no_queue_and_Stop_leaves_the_relay_running()
    {
        using var folder = new TempFolder();
        var queue = folder.File("queue");
        var shown = _engine.Show("param($queue) Start-SmtpRelay -Name whatif -ListenOn 127.0.0.1:0 -QueuePath $queue -WhatIf", queue);
        Assert.Contains("What if:", shown, StringComparison.Ordinal);
        Assert.False(Directory.Exists(queue));
        Assert.Empty(_engine.Run("Get-SmtpRelay").AssertNoErrors().Output);

        _engine.Run("param($queue) Start-SmtpRelay -Name whatif -ListenOn 127.0.0.1:0 -QueuePath $queue", queue).AssertNoErrors();
        try
        {
            Assert.Contains("What if:", _engine.Show("Stop-SmtpRelay -Name whatif -WhatIf"), StringComparison.Ordinal);
            Assert.Equal("Running", _engine.Run("(Get-SmtpRelay -Name whatif).Status").Value<string>());
        }
        finally
        {
            _engine.Run("Stop-SmtpRelay -Name whatif").AssertNoErrors();
        }
        Assert.Empty(_engine.Run("Get-SmtpRelay").AssertNoErrors().Output);
    }
}
