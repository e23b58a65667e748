using System.Net.Mail;
using System.Net.Sockets;

namespace MailOps.PowerShell.Tests.Commands;

public sealed class SmtpRelayCommandTests : IDisposable
{
    private readonly RelayScene _scene = new();

    public void Dispose() => _scene.Dispose();

    [Fact]
    public void A_relay_takes_a_message_and_lays_it_in_the_mailbox()
    {
        var port = _scene.Start();
        RelayScene.Send(port, "ada@example.test", "grace@example.test", "Hello");
        _scene.Engine.Run("param($name) Wait-SmtpRelay $name -Timeout 30", _scene.Name).AssertNoErrors();
        Assert.Contains("Subject: Hello", File.ReadAllText(Assert.Single(_scene.Mailbox("grace"))), StringComparison.Ordinal);

        dynamic status = _scene.Engine.Run("param($name) Get-SmtpRelay $name", _scene.Name).Only;
        Assert.Equal("Running", (string)status.Status);
        Assert.Equal("relay.example.test", (string)status.HostName);
        Assert.Equal((1L, 1L, 0L), ((long)status.Received, (long)status.Delivered, (long)status.MessageCount));

        foreach (var way in new[] { "-MessageSubject hell*", "-MessageId $id", "-MessageId $id.Trim('<', '>')" })
        {
            var ofIt = _scene.Engine.Run($"param($name) $id = (Get-SmtpRelayTrackingLog -Name $name -EventId RECEIVE).MessageId; (Get-SmtpRelayTrackingLog -Name $name {way}).EventId", _scene.Name).AssertNoErrors();
            Assert.Equal(["RECEIVE", "DELIVER"], ofIt.Output.Select(o => (string)o.BaseObject));
        }
        Assert.Empty(_scene.Engine.Run("param($name) Get-SmtpRelayTrackingLog -Name $name -MessageSubject Hell", _scene.Name).AssertNoErrors().Output);
        var events = _scene.Engine.Run("param($name) (Get-SmtpRelayTrackingLog -Name $name).EventId", _scene.Name).AssertNoErrors();
        Assert.Equal(["RECEIVE", "DELIVER"], events.Output.Select(o => (string)o.BaseObject));
    }

    [Fact]
    public void A_listener_for_old_devices_is_warned_of_at_the_start_and_afterwards()
    {
        var document = Path.Combine(_scene.Folder, "relay.json");
        File.WriteAllText(document, $$"""{ "name": "{{_scene.Name}}", "queuePath": "queue", "listeners": [ { "endpoint": "127.0.0.1:0" }, { "endpoint": "127.0.0.1:0", "minTlsVersion": "Tls10" } ] }""");
        var started = _scene.Engine.Run("param($file) Start-SmtpRelay -Configuration $file", document).AssertNoErrors();
        Assert.Contains("takes TLS 1.0, which is broken (RFC 8996)", Assert.Single(started.Warnings), StringComparison.Ordinal);
        Assert.Equal(started.Warnings, _scene.Engine.Run("param($name) (Get-SmtpRelay $name).Warnings", _scene.Name).AssertNoErrors().Output.Select(o => (string)o.BaseObject));
    }

    [Fact]
    public void A_name_beside_a_document_counts_before_the_document_s_own()
    {
        var document = Path.Combine(_scene.Folder, "relay.json");
        File.WriteAllText(document, """{ "name": "of-the-document", "queuePath": "queue", "listeners": [ { "endpoint": "127.0.0.1:0" } ] }""");
        dynamic started = _scene.Engine.Run("param($file, $name) Start-SmtpRelay -Configuration $file -Name $name", document, _scene.Name).Only;
        Assert.Equal(_scene.Name, (string)started.Name);
        Assert.Equal("RelayConfigurationInvalid,MailOps.PowerShell.Commands.StartSmtpRelayCommand",
            _scene.Engine.Run("param($file) Start-SmtpRelay -Configuration $file -Name 'a b'", document).Error.FullyQualifiedErrorId);
    }

    [Fact]
    public void What_waits_is_shown_with_its_reason_and_its_next_attempt()
    {
        var port = _scene.Start("-SmartHost 127.0.0.1:1");   // nobody listens there
        RelayScene.Send(port, "ada@example.test", "someone@elsewhere.test", "Waits");
        dynamic? message = null;
        Assert.True(SpinWait.SpinUntil(() => (message = _scene.Engine.Run("param($name) Get-SmtpRelayMessage -Name $name | Where-Object LastError", _scene.Name).Output.SingleOrDefault()) is not null, TimeSpan.FromSeconds(30)));
        Assert.Equal("Retry", (string)message!.Status);
        Assert.Equal("ada@example.test", (string)message.FromAddress);
        Assert.True((DateTimeOffset)message.NextRetryTime > DateTimeOffset.Now.AddMinutes(3));
        Assert.Equal(1, (int)message.RetryCount);

        dynamic queue = _scene.Engine.Run("param($name) Get-SmtpRelayQueue -Name $name", _scene.Name).Only;
        Assert.Equal(("SmartHost", "Retry", 1, 1), ((string)queue.DeliveryType, (string)queue.Status, (int)queue.MessageCount, (int)queue.DeferredMessageCount));
        Assert.Contains("127.0.0.1", (string)queue.NextHopDomain, StringComparison.Ordinal);

        string id = message.QueueId;
        foreach (var way in new[] { "Get-SmtpRelayMessage $id", "Get-SmtpRelayMessage \"$name\\$id\"", "Get-SmtpRelayMessage \"$($id.Substring(0, 5))*\" -Name $name",
            "Get-SmtpRelayQueue -Name $name | Get-SmtpRelayMessage", "Get-SmtpRelayMessage $id | Get-SmtpRelayMessage", "Get-SmtpRelayMessage -Queue *127.0.0.1* -Name $name" })
            Assert.Equal(id, (string)((dynamic)_scene.Engine.Run("param($name, $id) " + way, _scene.Name, id).Only).QueueId);
        Assert.Empty(_scene.Engine.Run("param($name) Get-SmtpRelayMessage -Queue other.test -Name $name", _scene.Name).AssertNoErrors().Output);
        Assert.Equal("RelayNotEmpty,MailOps.PowerShell.Commands.WaitSmtpRelayCommand", _scene.Engine.Run("param($name) Wait-SmtpRelay $name -Timeout 0.1", _scene.Name).Error.FullyQualifiedErrorId);
    }

    [Fact]
    public void Mail_queued_when_a_relay_stops_is_delivered_by_the_next_on_the_same_folder()
    {
        var port = _scene.Start("-SmartHost 127.0.0.1:1");
        RelayScene.Send(port, "ada@example.test", "someone@elsewhere.test", "Kept");
        _scene.Engine.Run("param($name) Stop-SmtpRelay $name -Timeout 5", _scene.Name).AssertNoErrors();
        Assert.Empty(_scene.Engine.Run("param($name) Get-SmtpRelay \"$name*\"", _scene.Name).AssertNoErrors().Output);
        Assert.Throws<SocketException>(() => new TcpClient("127.0.0.1", port).Dispose());

        _scene.Start();
        Assert.Equal(1L, _scene.Engine.Run("param($name) (Get-SmtpRelay $name).MessageCount", _scene.Name).Value<long>());
    }

    [Fact]
    public void It_is_not_an_open_relay_and_AUTH_opens_it()
    {
        var document = Path.Combine(_scene.Folder, "relay.json");
        File.WriteAllText(document, $$"""
            { "name": "{{_scene.Name}}", "queuePath": "queue", "listeners": [ { "endpoint": "127.0.0.1:0" } ], "relayNetworks": [],
              "localDomains": [ { "name": "example.test", "mailboxPath": "mail", "mailboxes": [ "grace" ] } ] }
            """);
        var port = _scene.Engine.Run("param($document) (Start-SmtpRelay -Configuration $document).Port", document).Value<int>();
        RelayScene.Send(port, "ada@x.test", "grace@example.test", "Local");
        Assert.Contains("5.7.1", Assert.ThrowsAny<SmtpException>(() => RelayScene.Send(port, "ada@x.test", "bob@elsewhere.test", "Relay")).Message, StringComparison.Ordinal);
        Assert.Contains("5.1.1", Assert.ThrowsAny<SmtpException>(() => RelayScene.Send(port, "ada@x.test", "nobody@example.test", "Unknown")).Message, StringComparison.Ordinal);
        Assert.ThrowsAny<SmtpException>(() => RelayScene.Send(port, "ada@x.test", "bob%elsewhere.test@example.test", "Trick"));
    }

    [Fact]
    public void The_certificate_shown_is_without_its_key()
    {
        _scene.Start();
        dynamic listener = _scene.Engine.Run("param($name) (Get-SmtpRelay $name).Listeners[0]", _scene.Name).Only;
        Assert.Equal("CN=relay.example.test", (string)listener.Certificate.Subject);
        Assert.False((bool)listener.Certificate.HasPrivateKey);
    }

    [Fact]
    public void WhatIf_starts_and_stops_nothing()
    {
        var started = _scene.Engine.Run("param($name, $folder) Start-SmtpRelay -Name $name -ListenOn 127.0.0.1:0 -QueuePath $folder/whatif -WhatIf", _scene.Name, _scene.Folder).AssertNoErrors();
        Assert.Empty(started.Output);
        Assert.False(Directory.Exists(Path.Combine(_scene.Folder, "whatif")));
        var port = _scene.Start();
        _scene.Engine.Run("param($name) Stop-SmtpRelay $name -WhatIf", _scene.Name).AssertNoErrors();
        new TcpClient("127.0.0.1", port).Dispose();
    }

    [Theory]
    [InlineData("Stop-SmtpRelay nobody-here", "RelayNotFound,MailOps.PowerShell.Commands.StopSmtpRelayCommand")]
    [InlineData("Get-SmtpRelay nobody-here", "RelayNotFound,MailOps.PowerShell.Commands.GetSmtpRelayCommand")]
    [InlineData("Get-SmtpRelayMessage 00000000 ", "RelayMessageNotFound,MailOps.PowerShell.Commands.GetSmtpRelayMessageCommand")]
    [InlineData("Start-SmtpRelay -QueuePath $folder/q -LocalDomain a.test", "RelayConfigurationInvalid,MailOps.PowerShell.Commands.StartSmtpRelayCommand")]
    [InlineData("Start-SmtpRelay -QueuePath $folder/q -ListenOn nowhere", "RelayConfigurationInvalid,MailOps.PowerShell.Commands.StartSmtpRelayCommand")]
    [InlineData("Start-SmtpRelay -QueuePath $folder/q -ListenOn 192.0.2.1:0", "RelayListenFailed,MailOps.PowerShell.Commands.StartSmtpRelayCommand")]
    [InlineData("[IO.File]::WriteAllText(\"$folder/file\", 'x'); Start-SmtpRelay -QueuePath $folder/file/q -ListenOn 127.0.0.1:0", "RelayQueueUnusable,MailOps.PowerShell.Commands.StartSmtpRelayCommand")]
    [InlineData("Start-SmtpRelay -Configuration $folder/absent.json", "RelayConfigurationInvalid,MailOps.PowerShell.Commands.StartSmtpRelayCommand")]
    public void A_wrong_call_has_a_stable_id_and_says_what_to_do(string script, string id)
    {
        var error = _scene.Engine.Run("param($folder) " + script, _scene.Folder).Error;
        Assert.Equal(id, error.FullyQualifiedErrorId);
        Assert.NotEmpty(error.ErrorDetails.RecommendedAction);
    }

    [Theory]
    [InlineData("Start-SmtpRelay -QueuePath $folder/q -ListenOn 127.0.0.1:0 -Name $name -SmartHost a.test -SmartHostTls 'None, Implicit'")]
    [InlineData("Start-SmtpRelay -QueuePath $folder/q -ListenOn 127.0.0.1:0 -Name $name -SmartHost a.test -SmartHostTls None, Implicit")]
    [InlineData("Start-SmtpRelay -QueuePath $folder/q -ListenOn 127.0.0.1:0 -Name $name -SmartHost a.test -SmartHostTls 9")]
    [InlineData("Send-SmtpMessage -SmtpServer 127.0.0.1 -Port 1 -To a@x.test -From f@x.test -Subject s -Tls 'None, Implicit'")]
    public void One_name_is_taken_and_neither_several_nor_a_number_without_one(string script) =>
        Assert.Matches("^(CannotConvertArgumentNoMessage|ParameterArgumentTransformationError),", _scene.Engine.Run("param($folder, $name) " + script, _scene.Folder, _scene.Name).Error.FullyQualifiedErrorId);

    [Fact]
    public void A_second_relay_of_the_name_or_on_the_folder_is_refused()
    {
        _scene.Start();
        Assert.StartsWith("RelayExists,", _scene.Engine.Run("param($name, $folder) Start-SmtpRelay -Name $name -ListenOn 127.0.0.1:0 -QueuePath $folder/other", _scene.Name, _scene.Folder).Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        var held = _scene.Engine.Run("param($name, $folder) Start-SmtpRelay -Name \"${name}b\" -ListenOn 127.0.0.1:0 -QueuePath $folder/queue", _scene.Name, _scene.Folder).Error;
        Assert.StartsWith("RelayQueueUnusable,", held.FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public void Several_relays_are_told_apart_by_name()
    {
        _scene.Start();
        _scene.Engine.Run("param($name, $folder) Start-SmtpRelay -Name \"${name}b\" -ListenOn 127.0.0.1:0 -QueuePath $folder/b", _scene.Name, _scene.Folder).AssertNoErrors();
        Assert.StartsWith("RelayNameNeeded,", _scene.Engine.Run("Stop-SmtpRelay").Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(2, _scene.Engine.Run("param($name) Get-SmtpRelay \"$name*\"", _scene.Name).AssertNoErrors().Output.Count);
        _scene.Engine.Run("param($name) Get-SmtpRelay \"${name}b\" | Stop-SmtpRelay -Timeout 5", _scene.Name).AssertNoErrors();
        Assert.Single(_scene.Engine.Run("param($name) Get-SmtpRelay \"$name*\"", _scene.Name).AssertNoErrors().Output);
    }

    [Fact]
    public void More_results_than_asked_for_are_cut_with_a_warning()
    {
        var port = _scene.Start("-SmartHost 127.0.0.1:1");
        for (var i = 0; i < 3; i++) RelayScene.Send(port, "ada@example.test", $"u{i}@elsewhere.test", $"Mail {i}");
        var cut = _scene.Engine.Run("param($name) Get-SmtpRelayMessage -Name $name -ResultSize 2", _scene.Name).AssertNoErrors();
        Assert.Equal(2, cut.Output.Count);
        Assert.Contains("more than 2", Assert.Single(cut.Warnings), StringComparison.Ordinal);
        var all = _scene.Engine.Run("param($name) Get-SmtpRelayMessage -Name $name -ResultSize Unlimited", _scene.Name).AssertNoErrors();
        Assert.Equal(3, all.Output.Count);
        Assert.Empty(all.Warnings);
    }
}
