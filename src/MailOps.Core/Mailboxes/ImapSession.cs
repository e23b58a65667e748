using System.Globalization;
using MailKit;
using MailKit.Net.Imap;
using MailKit.Search;
using MimeKit;

namespace MailOps.Mailboxes;

/// <summary>A mailbox over IMAP (RFC 3501, RFC 9051).</summary>
internal sealed class ImapSession(MailboxOptions options) : MailboxSession(options, log => new ImapClient(log))
{
    /// <summary>What the headers of one batch may take, in bytes.</summary>
    private const long MaxHeaders = 64 * 1024 * 1024;

    private static readonly FormatOptions AsSent = new() { NewLineFormat = NewLineFormat.Dos };

    private IMailFolder? _folder;

    private new ImapClient Client => (ImapClient)base.Client;

    public override async Task<IReadOnlyList<string>> FindAsync(MailboxQuery query, CancellationToken cancellationToken)
    {
        var folder = await OpenFolderAsync(query.Folder, FolderAccess.ReadOnly, cancellationToken).ConfigureAwait(false);
        var found = await AskAsync(stop => folder.SearchAsync(Terms(query), stop), MaxAnswer, cancellationToken).ConfigureAwait(false);
        // A range of numbers is short however many it has, and its length may not even fit into the count.
        if (found.Count is < 0 or > MaxMatches) throw Errors.TooManyMatches(MaxMatches);
        return [.. found.Reverse().Select(uid => Id(folder, uid))];
    }

    public override async Task<IReadOnlyList<MailboxReading>> ReadAsync(MailboxQuery query, IReadOnlyList<string> ids, long? maxSize, CancellationToken cancellationToken)
    {
        var folder = await OpenFolderAsync(query.Folder, FolderAccess.ReadOnly, cancellationToken).ConfigureAwait(false);
        var request = new FetchRequest(MessageSummaryItems.UniqueId | MessageSummaryItems.Flags | MessageSummaryItems.InternalDate | MessageSummaryItems.Size | MessageSummaryItems.Headers);
        var uids = ids.Select(id => Uid(folder, id)).Where(uid => uid is not null).Select(uid => uid!.Value).ToArray();
        if (uids.Length == 0) return [];
        var fetched = await AskAsync(stop => folder.FetchAsync([.. uids.OrderBy(uid => uid.Id)], request, stop), MaxHeaders, cancellationToken).ConfigureAwait(false);
        var summaries = new Dictionary<UniqueId, IMessageSummary>();
        foreach (var summary in fetched) summaries[summary.UniqueId] = summary;

        var readings = new List<MailboxReading>();
        foreach (var uid in uids)
        {
            // IMAP knows days only, and by the server's clock.
            if (!summaries.TryGetValue(uid, out var summary) || (query.Since is { } since && !(summary.InternalDate >= since))) continue;
            readings.Add(await ReadAsync(folder, summary, maxSize, cancellationToken).ConfigureAwait(false));
        }
        return readings;
    }

    public override async Task<byte[]> ContentAsync(string folder, string id, long maxSize, CancellationToken cancellationToken)
    {
        var (opened, found) = await PresentAsync(folder, [id], FolderAccess.ReadOnly, cancellationToken).ConfigureAwait(false);
        if (found.Count == 0) throw Errors.NoMessage(folder, id);
        var size = await AskAsync(stop => opened.FetchAsync(found, new FetchRequest(MessageSummaryItems.UniqueId | MessageSummaryItems.Size), stop), MaxAnswer, cancellationToken).ConfigureAwait(false);
        if (size.FirstOrDefault()?.Size > maxSize) throw MailboxErrors.TooLarge(id, size[0].Size!.Value, maxSize);
        using var stream = await AskAsync(stop => opened.GetStreamAsync(found[0], stop), RoomFor(maxSize), cancellationToken).ConfigureAwait(false);
        return Bytes(stream);
    }

    public override async Task<IReadOnlyList<string>> RemoveAsync(string folder, IReadOnlyList<string> ids, CancellationToken cancellationToken)
    {
        var (opened, found) = await PresentAsync(folder, ids, FolderAccess.ReadWrite, cancellationToken).ConfigureAwait(false);
        if (found.Count > 0)
        {
            await AskAsync(
                async stop =>
                {
                    await opened.StoreAsync(found, new StoreFlagsRequest(StoreAction.Add, MessageFlags.Deleted) { Silent = true }, stop).ConfigureAwait(false);
                    await opened.ExpungeAsync(found, stop).ConfigureAwait(false);   // these alone, not what others have marked
                    return 0;
                },
                MaxAnswer, cancellationToken).ConfigureAwait(false);
        }
        return Missing(opened, ids, found);
    }

    public override async Task<IReadOnlyList<string>> MoveAsync(string folder, IReadOnlyList<string> ids, string destination, CancellationToken cancellationToken)
    {
        var target = await FolderAsync(destination, cancellationToken).ConfigureAwait(false);
        var (opened, found) = await PresentAsync(folder, ids, FolderAccess.ReadWrite, cancellationToken).ConfigureAwait(false);
        if (found.Count > 0) await AskAsync(stop => opened.MoveToAsync(found, target, stop), MaxAnswer, cancellationToken).ConfigureAwait(false);
        return Missing(opened, ids, found);
    }

    private async Task<(IMailFolder Folder, IList<UniqueId> Found)> PresentAsync(string name, IReadOnlyList<string> ids, FolderAccess access, CancellationToken cancellationToken)
    {
        var folder = await OpenFolderAsync(name, access, cancellationToken).ConfigureAwait(false);
        if (folder.Access < access) throw Errors.ReadOnly(name);
        UniqueId[] uids = [.. ids.Select(id => Uid(folder, id)).Where(uid => uid is not null).Select(uid => uid!.Value).Distinct().OrderBy(uid => uid.Id)];
        if (uids.Length == 0) return (folder, []);
        var there = await AskAsync(stop => folder.SearchAsync(SearchQuery.Uids(uids), stop), MaxAnswer, cancellationToken).ConfigureAwait(false);
        return (folder, [.. uids.Where(there.Contains)]);   // what else the server names was not asked for
    }

    private static string[] Missing(IMailFolder folder, IReadOnlyList<string> ids, IList<UniqueId> found)
    {
        var there = new HashSet<string>(found.Select(uid => Id(folder, uid)), StringComparer.Ordinal);
        return [.. ids.Where(id => !there.Contains(id))];
    }

    private async Task<MailboxReading> ReadAsync(IMailFolder folder, IMessageSummary summary, long? maxSize, CancellationToken cancellationToken)
    {
        var id = Id(folder, summary.UniqueId);
        long size = summary.Size ?? 0;
        if (size > maxSize) return new MailboxReading(id, null, MailboxErrors.TooLarge(id, size, maxSize.Value));
        byte[]? content = null;
        if (maxSize is { } max)
        {
            using var stream = await AskAsync(stop => folder.GetStreamAsync(summary.UniqueId, stop), RoomFor(max), cancellationToken).ConfigureAwait(false);
            content = Bytes(stream);
        }
        var read = summary.Flags is { } flags ? flags.HasFlag(MessageFlags.Seen) : (bool?)null;
        return new MailboxReading(id, Message(folder.FullName, id, Bytes(summary.Headers), content, size, summary.InternalDate, read));
    }

    private async Task<IMailFolder> OpenFolderAsync(string name, FolderAccess access, CancellationToken cancellationToken)
    {
        if (_folder is { IsOpen: true } open && IsNamed(open, name) && open.Access >= access) return open;
        var folder = await FolderAsync(name, cancellationToken).ConfigureAwait(false);
        await AskAsync(stop => folder.OpenAsync(access, stop), MaxAnswer, cancellationToken).ConfigureAwait(false);
        return _folder = folder;
    }

    private async Task<IMailFolder> FolderAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            return await AskAsync(stop => Client.GetFolderAsync(name, stop), MaxAnswer, cancellationToken).ConfigureAwait(false);
        }
        catch (MailOpsException e) when (e.InnerException is FolderNotFoundException)
        {
            throw Errors.NoFolder(name, await FoldersAsync(cancellationToken).ConfigureAwait(false));
        }
    }

    private async Task<IReadOnlyList<string>> FoldersAsync(CancellationToken cancellationToken)
    {
        if (Client.PersonalNamespaces.Count == 0) return [];
        var folders = await AskAsync(stop => Client.GetFoldersAsync(Client.PersonalNamespaces[0], cancellationToken: stop), MaxAnswer, cancellationToken).ConfigureAwait(false);
        return [.. folders.Where(folder => !folder.Attributes.HasFlag(FolderAttributes.NonExistent)).Select(folder => folder.FullName).OrderBy(name => name, StringComparer.OrdinalIgnoreCase)];
    }

    private static bool IsNamed(IMailFolder folder, string name) =>
        folder.FullName == name || (string.Equals(name, Inbox, StringComparison.OrdinalIgnoreCase) && string.Equals(folder.FullName, Inbox, StringComparison.OrdinalIgnoreCase));

    private static SearchQuery Terms(MailboxQuery query)
    {
        var terms = query.Unread ? SearchQuery.NotSeen : SearchQuery.All;
        if (query.Since is { } since) terms = terms.And(SearchQuery.DeliveredAfter(since.UtcDateTime.Date.AddDays(-1)));
        if (query.Subject is { Length: > 0 } subject) terms = terms.And(SearchQuery.SubjectContains(subject));
        if (query.From is { Length: > 0 } from) terms = terms.And(SearchQuery.FromContains(from));
        return terms;
    }

    private static string Id(IMailFolder folder, UniqueId uid) => FormattableString.Invariant($"{folder.UidValidity}-{uid.Id}");

    // With another UIDVALIDITY it is another folder of that name (RFC 3501 section 2.3.1.1), and the number another message.
    private static UniqueId? Uid(IMailFolder folder, string id)
    {
        var parts = id.Split('-');
        return parts.Length == 2 && parts[0] == folder.UidValidity.ToString(CultureInfo.InvariantCulture)
            && uint.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? new UniqueId(folder.UidValidity, number) : null;
    }

    private static byte[] Bytes(HeaderList? header)
    {
        using var bytes = new MemoryStream();
        header?.WriteTo(AsSent, bytes);
        return bytes.ToArray();
    }

    internal static byte[] Bytes(Stream stream)
    {
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);   // from memory to memory
        return bytes.ToArray();
    }
}
