using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Management.Automation.Internal;
using System.Security;

namespace MailOps.Host;

/// <summary>Writes the engine's streams: output to standard output, all others to standard error, without colours where that is not a terminal.</summary>
internal sealed class ConsoleHostInterface : PSHostUserInterface
{
    private readonly Width _width = new();

    public override PSHostRawUserInterface RawUI => _width;

    public override bool SupportsVirtualTerminal => !Console.IsOutputRedirected;

    public override void Write(string value) => Console.Out.Write(Plain(value, Console.IsOutputRedirected));

    public override void Write(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value) => Write(value);

    public override void WriteLine(string value) => Console.Out.WriteLine(Plain(value, Console.IsOutputRedirected));

    public override void WriteErrorLine(string value) => Console.Error.WriteLine(Plain(value, Console.IsErrorRedirected));

    public override void WriteDebugLine(string message) => WriteErrorLine("DEBUG: " + message);

    public override void WriteVerboseLine(string message) => WriteErrorLine("VERBOSE: " + message);

    public override void WriteWarningLine(string message) => WriteErrorLine("WARNING: " + message);

    // A progress bar in a log is noise.
    public override void WriteProgress(long sourceId, ProgressRecord record)
    {
    }

    public override string ReadLine() => throw NoPrompt();

    public override SecureString ReadLineAsSecureString() => throw NoPrompt();

    public override Dictionary<string, PSObject> Prompt(string caption, string message, Collection<FieldDescription> descriptions) => throw NoPrompt();

    public override int PromptForChoice(string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice) => throw NoPrompt();

    public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName) => throw NoPrompt();

    public override PSCredential PromptForCredential(
        string caption, string message, string userName, string targetName, PSCredentialTypes allowedCredentialTypes, PSCredentialUIOptions options) => throw NoPrompt();

    private static string Plain(string value, bool redirected) =>
        redirected ? new StringDecorated(value).ToString(OutputRendering.PlainText) : value;

    private static NotSupportedException NoPrompt() => new("The host runs scripts unattended and cannot ask; give the value as a parameter.");

    /// <summary>The formatter asks for the width, and for nothing else.</summary>
    private sealed class Width : PSHostRawUserInterface
    {
        private const int WithoutTerminal = 120;

        public override Size BufferSize
        {
            get => new(Console.IsOutputRedirected || Console.BufferWidth <= 0 ? WithoutTerminal : Console.BufferWidth, 50);
            set => throw new NotSupportedException();
        }

        public override Size WindowSize { get => BufferSize; set => throw new NotSupportedException(); }

        public override Size MaxPhysicalWindowSize => BufferSize;

        public override Size MaxWindowSize => BufferSize;

        public override ConsoleColor ForegroundColor { get; set; } = ConsoleColor.Gray;

        public override ConsoleColor BackgroundColor { get; set; } = ConsoleColor.Black;

        public override Coordinates CursorPosition { get; set; }

        public override int CursorSize { get; set; } = 25;

        public override Coordinates WindowPosition { get; set; }

        public override string WindowTitle { get; set; } = "MailOps";

        public override bool KeyAvailable => false;

        public override void FlushInputBuffer()
        {
        }

        public override KeyInfo ReadKey(ReadKeyOptions options) => throw NoPrompt();

        public override BufferCell[,] GetBufferContents(Rectangle rectangle) => throw new NotSupportedException();

        public override void ScrollBufferContents(Rectangle source, Coordinates destination, Rectangle clip, BufferCell fill) => throw new NotSupportedException();

        public override void SetBufferContents(Coordinates origin, BufferCell[,] contents) => throw new NotSupportedException();

        public override void SetBufferContents(Rectangle rectangle, BufferCell fill) => throw new NotSupportedException();
    }
}
