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

    /// <summary>From here on what is formatted is an error that ended the script, and goes where errors go.</summary>
    public bool OutputIsError { get; set; }

    public override void Write(string value)
    {
        if (OutputIsError) Console.Error.Write(Plain(value, Console.IsErrorRedirected));
        else Console.Out.Write(Plain(value, Console.IsOutputRedirected));
    }

    public override void Write(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value) => Write(value);

    public override void WriteLine(string value) => Write(value + Environment.NewLine);

    public override void WriteErrorLine(string value) => Console.Error.WriteLine(Plain(value, Console.IsErrorRedirected));

    public override void WriteDebugLine(string message) => WriteErrorLine("DEBUG: " + message);

    public override void WriteVerboseLine(string message) => WriteErrorLine("VERBOSE: " + message);

    public override void WriteWarningLine(string message) => WriteErrorLine("WARNING: " + message);

    // A progress bar in a log is noise.
    public override void WriteProgress(long sourceId, ProgressRecord record)
    {
    }

    public override string ReadLine() => throw NoLine();

    public override SecureString ReadLineAsSecureString() => throw NoLine();

    public override Dictionary<string, PSObject> Prompt(string caption, string message, Collection<FieldDescription> descriptions) =>
        throw CannotAsk($"for {string.Join(", ", descriptions.Select(field => field.Name))}; give what is missing as a parameter.");

    public override int PromptForChoice(string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice) =>
        throw CannotAsk("for a confirmation; -Confirm:$false says that none is wanted.");

    public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName) => throw NoCredential();

    public override PSCredential PromptForCredential(
        string caption, string message, string userName, string targetName, PSCredentialTypes allowedCredentialTypes, PSCredentialUIOptions options) => throw NoCredential();

    private static string Plain(string value, bool redirected) =>
        redirected ? new StringDecorated(value).ToString(OutputRendering.PlainText) : value;

    private static HostException NoLine() => CannotAsk("for input; let the script take it as a parameter.");

    private static HostException NoCredential() => CannotAsk("for a user and a password; give a PSCredential as the parameter.");

    // The engine makes an error of the script of this exception; of most others, where it asks for a parameter, the end of the process.
    private static HostException CannotAsk(string what) => new("The host runs scripts unattended and cannot ask " + what);

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

        public override KeyInfo ReadKey(ReadKeyOptions options) => throw NoLine();

        public override BufferCell[,] GetBufferContents(Rectangle rectangle) => throw new NotSupportedException();

        public override void ScrollBufferContents(Rectangle source, Coordinates destination, Rectangle clip, BufferCell fill) => throw new NotSupportedException();

        public override void SetBufferContents(Coordinates origin, BufferCell[,] contents) => throw new NotSupportedException();

        public override void SetBufferContents(Rectangle rectangle, BufferCell fill) => throw new NotSupportedException();
    }
}
