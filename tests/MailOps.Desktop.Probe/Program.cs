using System.Collections;
using System.Management.Automation;
using System.Reflection;

namespace MailOps.Desktop.Probe;

/// <summary>Arguments: the front assembly, a port of an SMTP server on loopback. Prints what it did, a line each; the tests compare.</summary>
internal static class Program
{
    private static int Main(string[] args)
    {
        var front = Assembly.LoadFrom(args[0]);
        ((IModuleAssemblyInitializer)Activator.CreateInstance(front.GetType("MailOps.PowerShell.Loading.ModuleLifetime", throwOnError: true))).OnImport();
        Console.WriteLine("imported");

        var core = Core(front);
        Console.WriteLine($"core from {Folder(core)}");
        Console.WriteLine($"sent {Send(core, int.Parse(args[1], System.Globalization.CultureInfo.InvariantCulture))}");
        foreach (var name in new[] { "MailKit", "MimeKit" })
        {
            var loaded = AppDomain.CurrentDomain.GetAssemblies().Where(a => a.GetName().Name == name).Select(Folder);
            Console.WriteLine($"{name} from {string.Join(" and ", loaded)}");
        }
        Console.WriteLine($"abstractions {AppDomain.CurrentDomain.GetAssemblies().Count(a => a.GetName().Name == "MailOps.Abstractions")}");
        Console.WriteLine($"stranger {Ask(typeof(Program).Assembly, "MailKit, Version=1.0.0.0, Culture=neutral, PublicKeyToken=4e064fe7c44a8f1b")}");
        Console.WriteLine($"newer {Ask(core, "MailKit, Version=99.0.0.0, Culture=neutral, PublicKeyToken=4e064fe7c44a8f1b")}");
        Console.WriteLine($"older {Ask(core, "System.Memory, Version=4.0.1.0, Culture=neutral, PublicKeyToken=cc7b13ffcd2ddd51")}");
        return 0;
    }

    /// <summary>Core, as the front assembly's own references resolve it: each type reference in turn, until one is Core's.</summary>
    private static Assembly Core(Assembly front)
    {
        for (var row = 1; ; row++)
        {
            var type = front.ManifestModule.ResolveType(0x01000000 + row);
            if (type.Assembly.GetName().Name == "MailOps.Core") return type.Assembly;
        }
    }

    /// <summary>Composes a message with MimeKit and sends it with MailKit, through Core; the status of its recipient.</summary>
    private static string Send(Assembly core, int port)
    {
        var mailbox = Call(core, "MailOps.Messages.Mailbox", "Parse", "Probe <probe@example.test>");
        var mailboxes = Array.CreateInstance(mailbox.GetType(), 1);
        mailboxes.SetValue(mailbox, 0);
        var draft = Make(core, "MailOps.Messages.MessageDraft", ("From", mailbox), ("To", mailboxes), ("Subject", "Grüße vom Desktop"), ("Text", "Hallo"));
        var message = Call(core, "MailOps.Messages.MessageComposer", "Compose", draft);
        var options = Make(core, "MailOps.Submission.SubmissionOptions", ("Server", "127.0.0.1"), ("Port", port));
        using var submission = (IDisposable)Activator.CreateInstance(options.GetType().Assembly.GetType("MailOps.Submission.SmtpSubmission"), options, null);
        var task = (Task)submission.GetType().GetMethod("SendAsync").Invoke(submission, [message, CancellationToken.None]);
        task.GetAwaiter().GetResult();
        var result = Property(task, "Result");
        var errors = ((IEnumerable)Property(result, "Errors")).Cast<object>().Select(e => Property(e, "Error")).ToArray();
        return errors.Length > 0
            ? $"{Property(errors[0], "Code")}: {errors[0]}"
            : string.Join(", ", ((IEnumerable)Property(result, "Recipients")).Cast<object>().Select(r => $"{Property(r, "Recipient")} {Property(r, "Status")}"));
    }

    /// <summary>What a request by an assembly gets, asked of the handler as the runtime would ask it.</summary>
    private static string Ask(Assembly asking, string name)
    {
        var handler = (ResolveEventHandler)typeof(AppDomain).GetField("AssemblyResolve", BindingFlags.Instance | BindingFlags.NonPublic).GetValue(AppDomain.CurrentDomain);
        return handler(AppDomain.CurrentDomain, new ResolveEventArgs(name, asking)) is { } found ? Folder(found) : "refused";
    }

    private static object Make(Assembly core, string type, params (string Name, object Value)[] properties)
    {
        var made = Activator.CreateInstance(core.GetType(type, throwOnError: true));
        foreach (var (name, value) in properties) made.GetType().GetProperty(name).SetValue(made, value);
        return made;
    }

    private static object Call(Assembly core, string type, string method, params object[] arguments) =>
        core.GetType(type, throwOnError: true).GetMethod(method, [.. arguments.Select(a => a.GetType())]).Invoke(null, arguments);

    private static object Property(object of, string name) => of.GetType().GetProperty(name).GetValue(of);

    private static string Folder(Assembly assembly) => Path.GetFileName(Path.GetDirectoryName(assembly.Location));
}
