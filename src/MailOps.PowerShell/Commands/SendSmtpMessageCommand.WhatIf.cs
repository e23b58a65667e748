using MailOps.Submission;

namespace MailOps.PowerShell.Commands;

/// <summary>-WhatIf: the message as it would go, and where.</summary>
public sealed partial class SendSmtpMessageCommand
{
    /// <summary>Of each message, in bytes: more would push the first ones off the screen.</summary>
    private const int PreviewSize = 4096;

    /// <summary>Asks whether to send; with -WhatIf shows what would go where instead.</summary>
    /// <param name="planned">The message.</param>
    /// <param name="options">Where it goes.</param>
    /// <param name="target">What it is done to, in words.</param>
    /// <param name="action">What is done, in words.</param>
    /// <param name="cancellationToken">Ends the making.</param>
    private async Task<bool> IsWantedAsync(Planned planned, SubmissionOptions options, string target, string action, CancellationToken cancellationToken)
    {
        if (!IsWhatIf) return ShouldProcess(target, action);
        using var message = await planned.Make(cancellationToken);
        var (text, size) = message.Preview(PreviewSize);
        var more = size > PreviewSize ? $"{Environment.NewLine}... ({size} bytes in all)" : "";
        foreach (var warning in message.Warnings) WriteWarning(warning);
        // The first line is the one that ShouldProcess would show.
        return ShouldProcess(
            $"Performing the operation \"{action}\" on target \"{target}\"{Environment.NewLine}"
            + $"From {message.Sender?.ToString() ?? "<>"} to {string.Join(", ", message.Recipients)} through {options.Endpoint}, {Way(options)}:{Environment.NewLine}{Environment.NewLine}{text}{more}",
            null, null);
    }

    private static string Way(SubmissionOptions options) =>
        (options.IsImplicit, options.RequiresTls, options.Tls) switch
        {
            (true, _, _) => "under TLS from the first byte",
            (_, true, _) => "under TLS by STARTTLS",
            (_, _, TlsMode.None) => "in plain text",
            _ => "under TLS where the server has it",
        }
        + (options.Credential is { } user ? $" as {user.UserName}" : "")
        + (options.ProxyName is { } proxy ? $" by the proxy {proxy}" : "");
}
