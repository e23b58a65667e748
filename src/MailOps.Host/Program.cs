using MailOps;
using MailOps.Host;

// The two things the host does; each reports its own errors and gives the process's exit code.
try
{
    return args switch
    {
        ["run", var script, .. var rest] => ScriptRun.Execute(script, rest),
        ["serve", var configuration] => await RelayService.ServeAsync(configuration),
        ["--version"] => Say(typeof(ScriptRun).Assembly.GetName().Version!.ToString(3)),
        ["--help" or "-h" or "help"] => Say(Usage.Text),
        _ => Usage.Refuse(args),
    };
}
catch (MailOpsException e)
{
    await Console.Error.WriteLineAsync($"{e.Code}: {e.Message}\nRecommendation: {e.Hint}");
    return 1;
}

static int Say(string text)
{
    Console.WriteLine(text);
    return 0;
}
