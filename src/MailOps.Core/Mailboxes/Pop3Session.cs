using System.Globalization;
using MailKit.Net.Pop3;
using MailOps.Headers;
using MailOps.Messages;
using MailOps.Reports;

namespace MailOps.Mailboxes;

/// <summary>A mailbox over POP3 (RFC 1939): one folder, and nothing that the server could look for.</summary>
internal sealed class Pop3Session(MailboxOptions options) : MailboxSession(options, log => new Pop3Client(log))
{
    private Dictionary<string, int>? _places;
    private IList<int> _sizes = [];
    private bool _marked;

    private protected override bool LogoutCounts => _marked;

    private new Pop3Client Client => (Pop3Client)base.Client;

    public override async Task<IReadOnlyList<string>> FindAsync(MailboxQuery query, CancellationToken cancellationToken)
    {
        if (query.Unread) throw MailboxErrors.Unsupported("POP3 does not know which messages were read.", "Leave -Unread out, or use -Protocol Imap.");
        CheckFolder(query.Folder);
        var places = await PlacesAsync(cancellationToken).ConfigureAwait(false);
        return [.. places.OrderByDescending(place => place.Value).Select(place => place.Key)];
    }

    public override async Task<IReadOnlyList<MailboxReading>> ReadAsync(MailboxQuery query, IReadOnlyList<string> ids, long? maxSize, CancellationToken cancellationToken)
    {
        var places = await PlacesAsync(cancellationToken).ConfigureAwait(false);
        var readings = new List<MailboxReading>();
        foreach (var id in ids)
        {
            if (!places.TryGetValue(id, out var place)) continue;
            var header = await StreamAsync(place, headersOnly: true, MailHeaderReader.MaxSize, cancellationToken).ConfigureAwait(false);
            var message = Message(Inbox, id, header, null, _sizes[place]);
            if (IsWanted(message, query)) readings.Add(maxSize is { } max ? await WholeAsync(message, place, max, cancellationToken).ConfigureAwait(false) : new MailboxReading(id, message));
        }
        return readings;
    }

    public override async Task<byte[]> ContentAsync(string folder, string id, long maxSize, CancellationToken cancellationToken)
    {
        CheckFolder(folder);
        if (!(await PlacesAsync(cancellationToken).ConfigureAwait(false)).TryGetValue(id, out var place)) throw Errors.NoMessage(folder, id);
        if (_sizes[place] > maxSize) throw MailboxErrors.TooLarge(id, _sizes[place], maxSize);
        return await StreamAsync(place, headersOnly: false, maxSize, cancellationToken).ConfigureAwait(false);
    }

    // RFC 1939 section 6: what is marked is removed after QUIT, and none of it where that does not come.
    public override async Task<IReadOnlyList<string>> RemoveAsync(string folder, IReadOnlyList<string> ids, CancellationToken cancellationToken)
    {
        CheckFolder(folder);
        var places = await PlacesAsync(cancellationToken).ConfigureAwait(false);
        var found = new HashSet<int>(ids.Where(places.ContainsKey).Select(id => places[id]));
        foreach (var place in found)
        {
            await AskAsync(
                async stop =>
                {
                    await Client.DeleteMessageAsync(place, stop).ConfigureAwait(false);
                    return 0;
                },
                MaxGreeting, cancellationToken).ConfigureAwait(false);
            _marked = true;
        }
        return [.. ids.Where(id => !places.ContainsKey(id))];
    }

    public override Task<IReadOnlyList<string>> MoveAsync(string folder, IReadOnlyList<string> ids, string destination, CancellationToken cancellationToken) =>
        throw MailboxErrors.Unsupported("POP3 knows no folders to move messages to.", "Use -Protocol Imap.");

    private async Task<MailboxReading> WholeAsync(MailboxMessage message, int place, long max, CancellationToken cancellationToken)
    {
        if (message.Size > max) return new MailboxReading(message.Id, null, MailboxErrors.TooLarge(message.Id, message.Size, max));
        var content = await StreamAsync(place, headersOnly: false, max, cancellationToken).ConfigureAwait(false);
        return new MailboxReading(message.Id, Message(Inbox, message.Id, message.Header, content, message.Size));
    }

    private async Task<byte[]> StreamAsync(int place, bool headersOnly, long max, CancellationToken cancellationToken)
    {
        using var stream = await AskAsync(stop => Client.GetStreamAsync(place, headersOnly, stop), RoomFor(max), cancellationToken).ConfigureAwait(false);
        return ImapSession.Bytes(stream);
    }

    // The places of messages stay what they are until the end of the connection.
    private async Task<Dictionary<string, int>> PlacesAsync(CancellationToken cancellationToken)
    {
        if (_places is not null) return _places;
        var ids = await AskAsync(stop => Client.GetMessageUidsAsync(stop), MaxAnswer, cancellationToken).ConfigureAwait(false);
        _sizes = await AskAsync(stop => Client.GetMessageSizesAsync(stop), MaxAnswer, cancellationToken).ConfigureAwait(false);
        if (ids.Count != _sizes.Count) throw MailboxErrors.Unsupported("The server lists other messages by UIDL than by LIST.", "Try again; where it stays so, use -Protocol Imap.");
        return _places = await NamedAsync(ids, cancellationToken).ConfigureAwait(false);
    }

    private async Task<Dictionary<string, int>> NamedAsync(IList<string> ids, CancellationToken cancellationToken)
    {
        var shared = new HashSet<string>(ids.GroupBy(id => id, StringComparer.Ordinal).Where(same => same.Skip(1).Any()).Select(same => same.Key), StringComparer.Ordinal);
        var (places, copies) = (new Dictionary<string, int>(StringComparer.Ordinal), new Dictionary<string, int>(StringComparer.Ordinal));
        for (var i = 0; i < ids.Count; i++)
        {
            if (!shared.Contains(ids[i]))
            {
                places[ids[i]] = i;
                continue;
            }
            var id = await DistinctAsync(ids[i], i, cancellationToken).ConfigureAwait(false);
            copies[id] = copies.TryGetValue(id, out var before) ? before + 1 : 1;
            places[before == 0 ? id : string.Format(CultureInfo.InvariantCulture, "{0} {1}", id, before + 1)] = i;
        }
        return places;
    }

    // Copies of a message may have one id (RFC 1939 section 7), and some servers give one to messages that differ. Behind a space, which is in no id of a server's, stands what
    // tells them apart: by what they are, for in the next session they may have other places. Of what is the same in all that, each is as good as the other.
    private async Task<string> DistinctAsync(string id, int place, CancellationToken cancellationToken)
    {
        var header = await StreamAsync(place, headersOnly: true, MailHeaderReader.MaxSize, cancellationToken).ConfigureAwait(false);
        return string.Format(CultureInfo.InvariantCulture, "{0} {1}-{2}", id, _sizes[place], string.Concat(Sha256.Of(header).Take(8).Select(octet => octet.ToString("x2", CultureInfo.InvariantCulture))));
    }

    private void CheckFolder(string folder)
    {
        if (!string.Equals(folder, Inbox, StringComparison.OrdinalIgnoreCase)) throw Errors.NoFolder(folder, []);
    }

    private static bool IsWanted(MailboxMessage message, MailboxQuery query) =>
        (query.Since is not { } since || message.ReceivedTime >= since)
        && (query.Subject is not { Length: > 0 } subject || message.Subject?.Has(subject) == true)
        && (query.From is not { Length: > 0 } from || message.From?.Has(from) == true);
}
