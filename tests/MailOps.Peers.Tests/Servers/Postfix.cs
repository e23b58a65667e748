using System.Globalization;
using MailOps.Peers.Tests.Running;

namespace MailOps.Peers.Tests.Servers;

/// <summary>A real Postfix in a folder of its own: takes mail for the given recipients into Maildirs and refuses the rest.</summary>
internal sealed class Postfix : IAsyncDisposable
{
    private readonly TestFolder _folder;
    private readonly string _program;

    private Postfix(TestFolder folder, string program, int port) => (_folder, _program, Port) = (folder, program, port);

    /// <summary>Where it listens.</summary>
    public int Port { get; }

    /// <summary>Its log.</summary>
    public string Log => File.Exists(_folder.At("maillog")) ? File.ReadAllText(_folder.At("maillog")) : "";

    /// <summary>Starts it.</summary>
    /// <param name="folder">The test's folder.</param>
    /// <param name="recipients">The addresses it takes; each gets a Maildir of that name under <c>mail</c>.</param>
    /// <param name="port">The port, or 0 for a free one.</param>
    /// <param name="settings">More lines for main.cf.</param>
    public static Task<Postfix> StartAsync(TestFolder folder, IReadOnlyList<string> recipients, int port = 0, params string[] settings) => StartWithAsync(folder, recipients, port, [], settings);

    /// <summary>Starts it with more services than the one that takes mail at 127.0.0.1.</summary>
    /// <param name="folder">The test's folder.</param>
    /// <param name="recipients">The addresses it takes.</param>
    /// <param name="port">The port, or 0 for a free one.</param>
    /// <param name="services">More lines for master.cf.</param>
    /// <param name="settings">More lines for main.cf.</param>
    public static async Task<Postfix> StartWithAsync(TestFolder folder, IReadOnlyList<string> recipients, int port, IReadOnlyList<string> services, params string[] settings)
    {
        Installed.Root("Postfix starts as root alone.");
        var program = Installed.Program("postfix", "postfix");
        if (port == 0) port = Ports.Free();
        foreach (var name in (string[])["conf", "queue"]) Directory.CreateDirectory(folder.At(name));
        await folder.FolderOfAsync("data", "postfix");
        await folder.FolderOfAsync("mail", "nobody:nogroup");
        folder.Write("conf/main.cf", MainCf(folder, recipients) + string.Join('\n', settings) + "\n");
        folder.Write("conf/master.cf", MasterCf(port) + string.Join('\n', services) + "\n");
        var postfix = new Postfix(folder, program, port);
        var (exitCode, output) = await ChildProcess.RunAsync(program, ["-c", folder.At("conf"), "start"]);
        Assert.True(exitCode == 0, $"{output}\n{postfix.Log}");
        await Ports.OpenAsync(port);
        return postfix;
    }

    /// <summary>The message in a recipient's Maildir, or null while there is none.</summary>
    public byte[]? Message(string recipient) => Maildir.First(_folder.At($"mail/{recipient}"));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // The daemons are the master's process group; stopping it stops them all.
        var (exitCode, output) = await ChildProcess.RunAsync(_program, ["-c", _folder.At("conf"), "stop"]);
        Assert.True(exitCode == 0, output);
    }

    private static string MainCf(TestFolder folder, IReadOnlyList<string> recipients) => $$"""
        compatibility_level = 3.6
        queue_directory = {{folder.At("queue")}}
        data_directory = {{folder.At("data")}}
        maillog_file = {{folder.At("maillog")}}
        maillog_file_prefixes = {{folder.Location}}
        inet_interfaces = 127.0.0.1
        inet_protocols = ipv4
        myhostname = peer.example.test
        mydestination =
        alias_maps =
        alias_database =
        local_recipient_maps =
        mynetworks =
        local_header_rewrite_clients =
        smtpd_peername_lookup = no
        smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination
        virtual_mailbox_domains = {{string.Join(", ", recipients.Select(recipient => recipient.Split('@')[1]).Distinct())}}
        virtual_mailbox_base = {{folder.At("mail")}}
        virtual_mailbox_maps = inline:{ {{string.Join(", ", recipients.Select(recipient => $"{{ {recipient} = {recipient}/ }}"))}} }
        virtual_uid_maps = static:65534
        virtual_gid_maps = static:65534
        virtual_minimum_uid = 100

        """;

    private static string MasterCf(int port) => $"""
        127.0.0.1:{port.ToString(CultureInfo.InvariantCulture)} inet n - n - - smtpd
        pickup unix n - n 60 1 pickup
        cleanup unix n - n - 0 cleanup
        qmgr unix n - n 300 1 qmgr
        tlsmgr unix - - n 1000? 1 tlsmgr
        rewrite unix - - n - - trivial-rewrite
        bounce unix - - n - 0 bounce
        defer unix - - n - 0 bounce
        trace unix - - n - 0 bounce
        verify unix - - n - 1 verify
        flush unix n - n 1000? 0 flush
        proxymap unix - - n - - proxymap
        smtp unix - - n - - smtp
        relay unix - - n - - smtp
        showq unix n - n - - showq
        error unix - - n - - error
        retry unix - - n - - error
        discard unix - - n - - discard
        virtual unix - n n - - virtual
        lmtp unix - - n - - lmtp
        anvil unix - - n - 1 anvil
        scache unix - - n - 1 scache
        postlog unix-dgram n - n - 1 postlogd

        """;
}
