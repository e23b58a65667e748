using System.Globalization;
using System.Management.Automation;
using MailOps.Mailboxes;

namespace MailOps.PowerShell;

/// <summary>A cmdlet that does something with messages of mailboxes: it gathers them, and does it at the end over one connection a mailbox, when whoever found them has left it.</summary>
public abstract class MailboxActionCmdlet : MailboxCmdlet
{
    private readonly Dictionary<MailboxOptions, Dictionary<string, List<string>>> _mailboxes = [];

    /// <summary>The ids of the messages, as Get-MailboxMessage gives them.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string[] Id { get; set; } = [];

    /// <summary>The folder they are in. Default: INBOX.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string Folder { get; set; } = MailboxSession.Inbox;

    /// <summary>What is done, for the question whether to.</summary>
    private protected abstract string Sentence { get; }

    /// <summary>Does it with some messages of one folder.</summary>
    private protected abstract Task ActAsync(MailboxSession session, string folder, IReadOnlyList<string> ids, CancellationToken cancellationToken);

    /// <inheritdoc/>
    protected override Task ProcessAsync(CancellationToken cancellationToken)
    {
        foreach (var id in Id)
        {
            var options = Options();
            if (!ShouldProcess($"{id} in {Folder} of {options.Credential.UserName} at {Server}", Sentence)) continue;
            if (!_mailboxes.TryGetValue(options, out var folders)) _mailboxes[options] = folders = new Dictionary<string, List<string>>(StringComparer.Ordinal);
            if (!folders.TryGetValue(Folder, out var ids)) folders[Folder] = ids = [];
            ids.Add(id);
        }
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        foreach (var mailbox in _mailboxes)
        {
            try
            {
                using var session = await OpenAsync(mailbox.Key, cancellationToken);
                foreach (var folder in mailbox.Value) await ActAsync(session, folder.Key, folder.Value, cancellationToken);
                await session.CloseAsync(cancellationToken);
            }
            catch (MailOpsException e)
            {
                WriteError(e, string.Format(CultureInfo.InvariantCulture, "{0} ({1} messages)", mailbox.Key.Server, mailbox.Value.Values.Sum(ids => ids.Count)));
            }
        }
    }

    /// <summary>Asks for it in parts, so that no command is longer than servers take, and reports those that are not there.</summary>
    private protected async Task InPartsAsync(MailboxSession session, string folder, IReadOnlyList<string> ids, Func<IReadOnlyList<string>, Task<IReadOnlyList<string>>> act)
    {
        for (var at = 0; at < ids.Count; at += BatchSize)
        {
            foreach (var missing in await act([.. ids.Skip(at).Take(BatchSize)])) WriteError(session.NotFound(folder, missing), missing);
        }
    }
}
