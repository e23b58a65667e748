using System.Globalization;
using System.Management.Automation.Host;

namespace MailOps.PowerShell.Tests.Hosting;

/// <summary>A host that records what is shown and answers what is asked.</summary>
public sealed class RecordingHost : PSHost
{
    private readonly RecordingUserInterface _ui = new();

    /// <summary>What was shown, without colours.</summary>
    public string Text => _ui.Text;

    /// <summary>The answer to each -Confirm: the index of the choice, 0 Yes, 1 Yes to All, 2 No.</summary>
    public int Answer { get => _ui.Answer; set => _ui.Answer = value; }

    /// <summary>What -Confirm asked.</summary>
    public IReadOnlyList<string> Questions => _ui.Questions;

    public override CultureInfo CurrentCulture => CultureInfo.CurrentCulture;

    public override CultureInfo CurrentUICulture => CultureInfo.GetCultureInfo("en-US");

    public override Guid InstanceId { get; } = Guid.NewGuid();

    public override string Name => "MailOps tests";

    public override PSHostUserInterface UI => _ui;

    public override Version Version { get; } = new(1, 0);

    public void Clear() => _ui.Clear();

    public override void EnterNestedPrompt() => throw new NotSupportedException();

    public override void ExitNestedPrompt() => throw new NotSupportedException();

    public override void NotifyBeginApplication()
    {
    }

    public override void NotifyEndApplication()
    {
    }

    public override void SetShouldExit(int exitCode)
    {
    }
}
