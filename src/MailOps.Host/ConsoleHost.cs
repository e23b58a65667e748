using System.Globalization;
using System.Management.Automation.Host;

namespace MailOps.Host;

/// <summary>The engine's host on a console that nobody types at: output and errors are written, prompts are refused.</summary>
internal sealed class ConsoleHost : PSHost
{
    private readonly ConsoleHostInterface _interface = new();

    /// <summary>What the script told its host by <c>$Host.SetShouldExit</c>, or null.</summary>
    public int? ExitCode { get; private set; }

    public override string Name => "MailOps";

    public override Version Version => typeof(ConsoleHost).Assembly.GetName().Version!;

    public override Guid InstanceId { get; } = Guid.NewGuid();

    public override PSHostUserInterface UI => _interface;

    /// <summary>Formatted output goes to standard error from here on.</summary>
    public void OutputIsError() => _interface.OutputIsError = true;

    public override CultureInfo CurrentCulture => CultureInfo.CurrentCulture;

    public override CultureInfo CurrentUICulture => CultureInfo.CurrentUICulture;

    public override void SetShouldExit(int exitCode) => ExitCode = exitCode;

    public override void EnterNestedPrompt() => throw new NotSupportedException("The host runs scripts and has no prompt.");

    public override void ExitNestedPrompt() => throw new NotSupportedException("The host runs scripts and has no prompt.");

    public override void NotifyBeginApplication()
    {
    }

    public override void NotifyEndApplication()
    {
    }
}
