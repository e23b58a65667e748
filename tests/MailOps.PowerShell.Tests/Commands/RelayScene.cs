using System.Net.Mail;

namespace MailOps.PowerShell.Tests.Commands;

/// <summary>A relay of a name and a folder of its own, started by the cmdlet under test and stopped at the end, whatever happened in between.</summary>
public sealed class RelayScene : IDisposable
{
    public RelayScene() => Engine = new Engine();

    public Engine Engine { get; }

    public string Name { get; } = "t" + Guid.NewGuid().ToString("N");

    public string Folder { get; } = Directory.CreateTempSubdirectory("mailops-test-").FullName;

    /// <summary>Starts it with a local domain example.test; more parameters as PowerShell text.</summary>
    public int Start(string more = "")
    {
        var script = $"param($name, $folder) (Start-SmtpRelay -Name $name -ListenOn 127.0.0.1:0 -HostName relay.example.test -QueuePath $folder/queue -LocalDomain example.test -MailboxPath $folder/mail {more}).Port";
        return Engine.Run(script, Name, Folder).Value<int>();
    }

    /// <summary>Sends by a client that is not ours.</summary>
    public static void Send(int port, string from, string to, string subject)
    {
        using var client = new SmtpClient("127.0.0.1", port);
        using var message = new MailMessage(from, to, subject, "Body of " + subject);
        message.Headers.Add("Message-ID", $"<{Guid.NewGuid():N}@example.test>");   // the client writes none itself
        client.Send(message);
    }

    /// <summary>The files in a mailbox of example.test.</summary>
    public string[] Mailbox(string user)
    {
        var box = Path.Combine(Folder, "mail", "example.test", user, "new");
        return Directory.Exists(box) ? Directory.GetFiles(box) : [];
    }

    public void Dispose()
    {
        Engine.Run("param($name) Get-SmtpRelay \"$name*\" | Stop-SmtpRelay -Timeout 5", Name);
        Engine.Dispose();
        Directory.Delete(Folder, true);
    }
}
