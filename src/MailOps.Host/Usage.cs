namespace MailOps.Host;

/// <summary>What the host says to someone who does not know it yet.</summary>
internal static class Usage
{
    public const string Text = """
        MailOps host

          run SCRIPT.ps1 [ARGUMENT ...]   runs a script on the embedded PowerShell engine, with the MailOps module imported
          serve CONFIGURATION.json        runs a relay until SIGTERM or Ctrl+C; deliveries in flight may finish within 30 seconds
          --version                       the version

        Exit codes: 0 done, 1 failed (the error says why), 2 wrong usage, 130 ended by Ctrl+C.
        The engine is bare: of PowerShell's own commands it has ForEach-Object, Where-Object and the like, but not those of pwsh's modules.
        """;

    public static int Refuse(string[] args)
    {
        var what = args switch
        {
            [] => "Say what to do.",
            ["run"] => "run needs the path of a script.",
            ["serve", ..] => "serve needs one path: the configuration.",
            [var verb, ..] => $"'{verb}' is not something the host does.",
        };
        Console.Error.WriteLine(what + Environment.NewLine + Environment.NewLine + Text);
        return 2;
    }
}
