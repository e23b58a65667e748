using System.Management.Automation;

namespace MailOps.PowerShell.Tests.Commands;

/// <summary>Queues and messages of a real relay, whose next hop is down, as an administrator handles them.</summary>
public sealed class QueueAdministrationTests : IDisposable
{
    private const string Down = "127.0.0.1:1";   // nobody listens there
    private readonly RelayScene _scene = new();

    public void Dispose() => _scene.Dispose();

    [Fact]
    public void Messages_are_suspended_and_resumed_by_identity_wildcard_pipeline_and_filter()
    {
        var ids = Fill(3);
        Run("Suspend-SmtpRelayMessage $id[0]");
        Assert.Equal(["Suspended", "Retry", "Retry"], Statuses());
        Run("Suspend-SmtpRelayMessage \"$name\\$($id[1])\"");
        Assert.Equal(["Suspended", "Suspended", "Retry"], Statuses());
        Run("Get-SmtpRelayMessage -Name $name | Suspend-SmtpRelayMessage");
        Assert.Equal(["Suspended", "Suspended", "Suspended"], Statuses());
        Run("Resume-SmtpRelayMessage -Name $name -Filter \"Status -eq 'Suspended' -and FromAddress -like 'u1@*'\"");
        Assert.Equal(["Suspended", "Retry", "Suspended"], Statuses());
        Run("Resume-SmtpRelayMessage -Identity \"$name\\*\"");
        Assert.Equal(["Retry", "Retry", "Retry"], Statuses());
        Assert.Equal(ids, Run("(Get-SmtpRelayTrackingLog -Name $name -EventId SUSPEND).InternalMessageId").Select(o => o.ToString()).Distinct());
        Assert.Equal(Environment.UserName, Run("(Get-SmtpRelayTrackingLog -Name $name -EventId RESUME)[0].SourceContext").Single().ToString()!.Split('\\')[^1]);
    }

    [Fact]
    public void To_ask_for_a_queue_to_which_no_mail_comes_is_no_error_and_says_why_there_is_nothing()
    {
        Fill(1);
        var asked = _scene.Engine.Run("param($name) Get-SmtpRelayMessage -Queue nosuch -Name $name", _scene.Name).AssertNoErrors();
        Assert.Empty(asked.Output);
        Assert.Contains($"'{Down}', whose queue that is; none comes to a queue named 'nosuch'", Assert.Single(asked.Warnings), StringComparison.Ordinal);
        foreach (var queue in (string[])[Down, "no*", "*"]) Assert.Empty(_scene.Engine.Run("param($name, $queue) Get-SmtpRelayMessage -Queue $queue -Name $name", _scene.Name, queue).AssertNoErrors().Warnings);
    }

    [Fact]
    public void What_was_suspended_is_so_for_the_next_relay_on_the_folder()
    {
        var ids = Fill(2);
        Run($"Suspend-SmtpRelayMessage $id[0]; Suspend-SmtpRelayQueue '{Down}'");
        Run("Stop-SmtpRelay $name -Timeout 5");
        _scene.Start($"-SmartHost {Down}");
        Assert.Equal("Suspended", Run("(Get-SmtpRelayMessage $id[0]).Status", ids).Single().ToString());
        dynamic queue = Run("Get-SmtpRelayQueue -Name $name").Single();
        Assert.Equal(("Suspended", 2, 1), ((string)queue.Status, (int)queue.MessageCount, (int)queue.SuspendedMessageCount));
        Assert.Equal(Down, Run("(Get-SmtpRelay $name).SuspendedQueues").Single().ToString());
    }

    [Fact]
    public void Queues_are_suspended_resumed_and_retried_as_objects_by_name_and_as_a_whole()
    {
        Fill(1);
        Run("Get-SmtpRelayQueue -Name $name | Suspend-SmtpRelayQueue");
        Assert.Equal("Suspended", QueueStatus());
        Run("Get-SmtpRelayQueue -Name $name -Filter \"Status -eq 'Suspended'\" | Resume-SmtpRelayQueue");
        Assert.Equal("Retry", QueueStatus());
        Run("Suspend-SmtpRelayQueue \"$name\\*\"");
        Assert.Equal(("Suspended", "*"), (QueueStatus(), Run("(Get-SmtpRelay $name).SuspendedQueues").Single().ToString()));
        var early = _scene.Engine.Run($"param($name) Resume-SmtpRelayQueue '{Down}' -Name $name", _scene.Name).AssertNoErrors();
        Assert.Contains("whole queue is suspended", Assert.Single(early.Warnings), StringComparison.Ordinal);
        Assert.Equal("Suspended", QueueStatus());
        Run("Resume-SmtpRelayQueue -Identity * -Name $name");
        Assert.Equal("Retry", QueueStatus());

        var before = Attempts();
        Run("Retry-SmtpRelayQueue -Filter \"Status -eq 'Retry'\" -Name $name");
        Assert.True(SpinWait.SpinUntil(() => Attempts() > before, TimeSpan.FromSeconds(30)));
        Assert.Equal("RESUME SUSPEND RETRY", string.Join(' ', Run("(Get-SmtpRelayTrackingLog -Name $name | Where-Object Source -eq ADMIN).EventId").Select(o => o.ToString()).Distinct().OrderBy(e => e is "RETRY" ? 2 : e is "SUSPEND" ? 1 : 0)));
    }

    [Fact]
    public void A_queue_that_gets_mail_only_later_can_be_suspended_and_says_so()
    {
        _scene.Start();
        var result = _scene.Engine.Run("param($name) Suspend-SmtpRelayQueue \"$name\\later.test\"", _scene.Name).AssertNoErrors();
        Assert.Contains("later.test", Assert.Single(result.Warnings), StringComparison.Ordinal);
        dynamic queue = Run("Get-SmtpRelayQueue later.test -Name $name").Single();
        Assert.Equal(("Suspended", "Undefined", 0), ((string)queue.Status, (string)queue.DeliveryType, (int)queue.MessageCount));
        Run("Suspend-SmtpRelayQueue \"$name\\[192.0.2.1]\"");
        Assert.Equal("[192.0.2.1]", Run("(Get-SmtpRelayQueue \"$name\\[192.0.2.1]\").NextHopDomain").Single().ToString());
        Run("Get-SmtpRelayQueue -Name $name | Resume-SmtpRelayQueue");
        Assert.Empty(Run("Get-SmtpRelayQueue -Name $name"));
    }

    [Fact]
    public void A_queue_asked_for_that_is_not_there_is_an_error_and_the_others_are_shown()
    {
        Fill(1);
        var result = _scene.Engine.Run($"param($name) Get-SmtpRelayQueue nosuch, '{Down}', 'none*', \"$name\\elsewhere.test\" -Name $name -ResultSize 1", _scene.Name);
        Assert.Equal($"{_scene.Name}\\{Down}", ((dynamic)Assert.Single(result.Output)).Identity);
        Assert.Equal(["nosuch", $"{_scene.Name}\\elsewhere.test"], result.Errors.Select(e => e.TargetObject));
        Assert.All(result.Errors, e => Assert.Equal("RelayQueueNotFound,MailOps.PowerShell.Commands.GetSmtpRelayQueueCommand", e.FullyQualifiedErrorId));
        Assert.All(result.Errors, e => Assert.NotEmpty(e.ErrorDetails.RecommendedAction));
        Assert.Empty(Run("Get-SmtpRelayQueue 'none*' -Name $name"));
    }

    [Fact]
    public void What_a_misspelt_queue_or_target_was_taken_for_is_said_once()
    {
        Fill(2);
        var queue = _scene.Engine.Run("param($name) Suspend-SmtpRelayQueue \"$name\\elsewhere.test\"", _scene.Name).AssertNoErrors();
        Assert.Contains($"its mail goes to '{Down}'", queue.Warnings[^1], StringComparison.Ordinal);
        Run("Get-SmtpRelayQueue -Name $name | Restart-SmtpRelayQueue -WarningAction SilentlyContinue; Get-SmtpRelayQueue -Name $name | Suspend-SmtpRelayQueue -WarningAction SilentlyContinue; Get-SmtpRelayQueue -Name $name | Resume-SmtpRelayQueue");
        var moved = _scene.Engine.Run("param($name) Get-SmtpRelayMessage -Name $name | Move-SmtpRelayMessage -Target smtp.standbyy.invalid", _scene.Name).AssertNoErrors();
        Assert.Contains("'smtp.standbyy.invalid' is no route of this relay and was taken for the server smtp.standbyy.invalid:25", Assert.Single(moved.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void A_message_is_removed_after_asking_and_its_sender_told_unless_he_is_not_to_be()
    {
        var port = _scene.Start($"-SmartHost {Down}");
        RelayScene.Send(port, "ada@example.test", "told@elsewhere.test", "Told");
        RelayScene.Send(port, "ada@example.test", "silent@elsewhere.test", "Silent");
        UntilDeferred(2);
        Assert.Equal(ConfirmImpact.High, new CommandMetadata((CmdletInfo)Run("Get-Command Remove-SmtpRelayMessage").Single().BaseObject).ConfirmImpact);
        Assert.Contains("tell its sender", _scene.Engine.Show("param($name) Remove-SmtpRelayMessage -Name $name -Filter \"Size -gt 0\" -WhatIf", _scene.Name), StringComparison.Ordinal);
        Assert.Equal(2, Statuses().Count);
        Run("Remove-SmtpRelayMessage -Name $name -Filter \"Recipients -like 'silent@*'\" -WithNDR $false -Confirm:$false");
        Assert.Single(Statuses());
        Assert.Empty(_scene.Mailbox("ada"));
        Run("Get-SmtpRelayMessage -Name $name | Remove-SmtpRelayMessage -Confirm:$false");
        Run("Wait-SmtpRelay $name -Timeout 30");
        var report = File.ReadAllText(Assert.Single(_scene.Mailbox("ada")));
        Assert.Contains("told@elsewhere.test", report, StringComparison.Ordinal);
        Assert.Contains("Removed from the queue by an administrator", report, StringComparison.Ordinal);
    }

    [Fact]
    public void A_message_is_exported_byte_for_byte_to_a_file_a_folder_or_an_object()
    {
        var ids = Fill(2);
        var folder = Path.Combine(_scene.Folder, "held");
        dynamic content = Run("Export-SmtpRelayMessage $id[0]", ids).Single();
        byte[] bytes = content.Content;
        Assert.StartsWith("Received: ", (string)content.Text, StringComparison.Ordinal);
        Assert.Contains("Subject: Mail 0", (string)content.Text, StringComparison.Ordinal);
        Assert.Equal((ids[0], "u0@example.test", (long)bytes.Length), ((string)content.QueueId, (string)content.FromAddress, (long)content.Size));

        Assert.Contains("Export the message", _scene.Engine.Show("param($path, $name) Export-SmtpRelayMessage \"$name\\*\" -Path $path -WhatIf", folder + "/", _scene.Name), StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder));
        var files = Run("Get-SmtpRelayMessage -Name $name | Export-SmtpRelayMessage -Path $path", ids, folder + "/").Select(o => ((FileInfo)o.BaseObject).FullName).ToList();
        Assert.Equal(ids.Select(id => Path.Combine(folder, id + ".eml")), files);
        Assert.Equal(bytes, File.ReadAllBytes(files[0]));

        var file = Path.Combine(folder, "one.eml");
        File.WriteAllText(file, "old");
        Run("Export-SmtpRelayMessage $id[0] -Path $path", ids, file);
        Assert.Equal(bytes, File.ReadAllBytes(file));
        var both = _scene.Engine.Run("param($name, $path) Export-SmtpRelayMessage \"$name\\*\" -Path $path", _scene.Name, file);
        Assert.StartsWith("FileUnwritable,", both.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        var unwritable = _scene.Engine.Run("param($name, $path, $id) Export-SmtpRelayMessage $id -Path $path", _scene.Name, file + "/x/", ids[0]);
        Assert.StartsWith("FileUnwritable,", unwritable.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(3, Directory.GetFiles(folder).Length);
        Assert.Equal(2, Statuses().Count);
    }

    [Fact]
    public void A_message_is_moved_to_another_server_and_delivered_there()
    {
        Fill(1);
        var other = _scene.Engine.Run(
            "param($name, $folder) (Start-SmtpRelay -Name \"${name}b\" -ListenOn 127.0.0.1:0 -QueuePath $folder/b -LocalDomain elsewhere.test -MailboxPath $folder/mail).Port", _scene.Name, _scene.Folder).Value<int>();
        var wrong = _scene.Engine.Run("param($name) Move-SmtpRelayMessage \"$name\\*\" -Target 'no server'", _scene.Name);
        Assert.Equal("RelayTargetInvalid,MailOps.PowerShell.Commands.MoveSmtpRelayMessageCommand", wrong.Error.FullyQualifiedErrorId);
        Run($"Suspend-SmtpRelayMessage -Name $name -Filter 'Size -gt 0'; Get-SmtpRelayMessage -Name $name | Move-SmtpRelayMessage -Target 127.0.0.1:{other}");
        Assert.Equal($"127.0.0.1:{other}", Run("(Get-SmtpRelayMessage -Name $name).Recipients[0].NextHopDomain").Single().ToString());
        Run("Get-SmtpRelayMessage -Name $name | Resume-SmtpRelayMessage; Wait-SmtpRelay \"$name*\" -Timeout 30");
        Assert.Single(Directory.GetFiles(Path.Combine(_scene.Folder, "mail", "elsewhere.test", "u0", "new")));
        Assert.Equal($"127.0.0.1:{other}", Run("(Get-SmtpRelayTrackingLog -Name $name -EventId REDIRECT).ServerHostname").Single().ToString());
    }

    [Fact]
    public void Messages_and_queues_are_filtered_and_sorted_as_in_Exchange()
    {
        var ids = Fill(3);
        Assert.Equal([ids[1]], Run("Get-SmtpRelayMessage -Name $name -Filter { FromAddress -eq 'U1@example.test' } | ForEach-Object { $_.QueueId }").Select(o => o.ToString()));
        Assert.Equal(ids.Reverse(), Run("Get-SmtpRelayMessage -Name $name -SortOrder '-DateReceived,+Identity' | ForEach-Object { $_.QueueId }").Select(o => o.ToString()));
        Assert.Equal(3, Run($"Get-SmtpRelayMessage -Name $name -Filter \"Queue -eq '$name\\{Down}'\"").Count);
        Assert.Single(Run("Get-SmtpRelayMessage -Name $name -Filter 'Size -gt 0' -SortOrder Size -ResultSize 1 -WarningAction SilentlyContinue"));
        Assert.Single(Run("Get-SmtpRelayQueue -Name $name -Filter 'MessageCount -ge 3' -SortOrder -MessageCount"));
        Assert.Empty(Run("Get-SmtpRelayQueue -Name $name -Filter 'MessageCount -gt 3'"));
        var error = _scene.Engine.Run("param($name) Get-SmtpRelayMessage -Name $name -Filter \"FromAdress -eq 'x'\"", _scene.Name).Error;
        Assert.Equal("FilterInvalid,MailOps.PowerShell.Commands.GetSmtpRelayMessageCommand", error.FullyQualifiedErrorId);
        Assert.Contains("'FromAddress'", error.Exception.Message, StringComparison.Ordinal);
        Assert.Contains("RetryCount", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Suspend-SmtpRelayMessage", "RelayMessageNotFound")]
    [InlineData("Resume-SmtpRelayMessage", "RelayMessageNotFound")]
    [InlineData("Remove-SmtpRelayMessage -Confirm:$false", "RelayMessageNotFound")]
    [InlineData("Export-SmtpRelayMessage", "RelayMessageNotFound")]
    [InlineData("Move-SmtpRelayMessage -Target x.test", "RelayMessageNotFound")]
    [InlineData("Resume-SmtpRelayQueue", "RelayQueueNotFound")]
    [InlineData("Restart-SmtpRelayQueue", "RelayQueueNotFound")]
    public void What_is_not_there_is_an_error_with_its_id_and_the_others_go_on(string command, string code)
    {
        _scene.Start();
        var result = _scene.Engine.Run($"param($name) {command} -Identity 0000000000000, \"$name\\1111111111111\", \"$name\\\", \"$name\\nothing*\"", _scene.Name);
        Assert.Equal(3, result.Errors.Count);
        Assert.All(result.Errors, error => Assert.StartsWith(code + ",", error.FullyQualifiedErrorId, StringComparison.Ordinal));
        Assert.All(result.Errors, error => Assert.NotEmpty(error.ErrorDetails.RecommendedAction));
        Assert.StartsWith("RelayNotFound,", _scene.Engine.Run($"{command} -Identity nowhere\\0000000000000").Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.StartsWith("FilterInvalid,", _scene.Engine.Run($"{command} -Filter 'Nothing -eq 1'").Error.FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public void WhatIf_changes_nothing()
    {
        Fill(1);
        foreach (var command in new[] { "Suspend-SmtpRelayMessage", "Remove-SmtpRelayMessage", "Move-SmtpRelayMessage -Target x.test", "Resume-SmtpRelayMessage" })
            Assert.Contains("What if:", _scene.Engine.Show($"param($name) Get-SmtpRelayMessage -Name $name | {command} -WhatIf", _scene.Name), StringComparison.Ordinal);
        foreach (var command in new[] { "Suspend-SmtpRelayQueue", "Resume-SmtpRelayQueue", "Restart-SmtpRelayQueue" })
            Assert.Contains("What if:", _scene.Engine.Show($"param($name) Get-SmtpRelayQueue -Name $name | {command} -WhatIf", _scene.Name), StringComparison.Ordinal);
        Assert.Equal(["Retry"], Statuses());
        Assert.Equal("Retry", QueueStatus());
        Assert.Empty(Run("Get-SmtpRelayTrackingLog -Name $name | Where-Object Source -eq ADMIN"));
    }

    /// <summary>Sends from u0, u1 … to the next hop that is down, and waits until each was tried; the queue ids.</summary>
    private string[] Fill(int count)
    {
        var port = _scene.Start($"-SmartHost {Down}");
        for (var i = 0; i < count; i++) RelayScene.Send(port, $"u{i}@example.test", $"u{i}@elsewhere.test", $"Mail {i}");
        UntilDeferred(count);
        return _ids = [.. Run("Get-SmtpRelayMessage -Name $name | ForEach-Object { $_.QueueId }").Select(o => o.ToString())];
    }

    private string[] _ids = [];

    private void UntilDeferred(int count) => Assert.True(SpinWait.SpinUntil(() => Statuses().Count(status => status == "Retry") == count, TimeSpan.FromSeconds(30)));

    private List<string> Statuses() => [.. Run("Get-SmtpRelayMessage -Name $name | ForEach-Object { $_.Status }").Select(o => o.ToString())];

    private string QueueStatus() => Run("(Get-SmtpRelayQueue -Name $name).Status").Single().ToString();

    private int Attempts() => Run("Get-SmtpRelayMessage -Name $name | ForEach-Object { $_.RetryCount }").Sum(o => (int)o.BaseObject);

    private IReadOnlyList<PSObject> Run(string script, string[]? ids = null, string? path = null) =>
        _scene.Engine.Run("param($name, $id, $path) " + script, _scene.Name, ids ?? _ids, path).AssertNoErrors().Output;
}
