using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Management.Automation.Internal;
using System.Security;
using System.Text;

namespace MailOps.PowerShell.Tests.Hosting;

/// <summary>What a console shows, as text.</summary>
internal sealed class RecordingUserInterface : PSHostUserInterface
{
    private readonly StringBuilder _text = new();
    private readonly List<string> _questions = [];

    /// <summary>The formatter colours table heads whatever $PSStyle says, hence stripped here.</summary>
    public string Text => new StringDecorated(_text.ToString()).ToString(OutputRendering.PlainText);

    public int Answer { get; set; }

    public IReadOnlyList<string> Questions => _questions;

    public override PSHostRawUserInterface RawUI { get; } = new FixedScreen();

    public void Clear()
    {
        _text.Clear();
        _questions.Clear();
    }

    public override void Write(string value) => _text.Append(value);

    public override void Write(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value) => Write(value);

    public override void WriteLine(string value) => _text.Append(value).Append('\n');

    public override void WriteErrorLine(string value) => WriteLine(value);

    public override void WriteDebugLine(string message) => WriteLine("DEBUG: " + message);

    public override void WriteVerboseLine(string message) => WriteLine("VERBOSE: " + message);

    public override void WriteWarningLine(string message) => WriteLine("WARNING: " + message);

    public override void WriteProgress(long sourceId, ProgressRecord record)
    {
    }

    public override int PromptForChoice(string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice)
    {
        _questions.Add(message);
        return Answer;
    }

    public override Dictionary<string, PSObject> Prompt(string caption, string message, Collection<FieldDescription> descriptions) =>
        throw new NotSupportedException($"Nobody is here to answer: {caption} {message} {string.Join(", ", descriptions.Select(d => d.Name))}");

    public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName) =>
        throw new NotSupportedException("Nobody is here to answer.");

    public override PSCredential PromptForCredential(
        string caption, string message, string userName, string targetName, PSCredentialTypes allowedCredentialTypes, PSCredentialUIOptions options) =>
        throw new NotSupportedException("Nobody is here to answer.");

    public override string ReadLine() => throw new NotSupportedException("Nobody is here to answer.");

    public override SecureString ReadLineAsSecureString() => throw new NotSupportedException("Nobody is here to answer.");
}
