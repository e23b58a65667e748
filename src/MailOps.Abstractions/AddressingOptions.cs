namespace MailOps;

/// <summary>An address, or all of a domain, whose mail goes to other addresses. Anyone may write to it.</summary>
public sealed record AliasOptions
{
    /// <summary>The address; or <c>@domain</c>, for all of the domain that is neither an alias nor one of its mailboxes. Local parts are compared without case.</summary>
    public required string Address { get; init; }
    /// <summary>Where its mail goes: addresses of ours or of others, which may be aliases too; for <c>@domain</c> also <c>@domain</c>, which keeps the local part. The address itself is its mailbox.</summary>
    public required IReadOnlyList<string> To { get; init; }
}

/// <summary>Envelope addresses that become others when a message comes in; what its header says stays.</summary>
public sealed record RewriteOptions
{
    /// <summary>Which: an address, <c>@domain</c> or <c>*.domain</c>.</summary>
    public required string From { get; init; }
    /// <summary>What they become: an address, or <c>@domain</c>, which keeps the local part.</summary>
    public required string To { get; init; }
    /// <summary>Whether senders do. Default: true.</summary>
    public bool Senders { get; init; } = true;
    /// <summary>Whether recipients do, before anything else is decided of them. Default: true.</summary>
    public bool Recipients { get; init; } = true;
}

/// <summary>
/// The Sender Rewriting Scheme: what an alias passes on to another domain gets a sender of ours, so that the next server, which checks by SPF who may send for the sender's domain, takes it; a bounce to that
/// address goes on to the sender for 21 days. The null sender and senders of our own domains stay.
/// </summary>
public sealed record SrsOptions
{
    /// <summary>Whether senders are rewritten. Default: true.</summary>
    public bool Enabled { get; init; } = true;
    /// <summary>The domain of rewritten senders, whose mail must come to this relay. Default: that of the alias.</summary>
    public string? Domain { get; init; }
    /// <summary>The secrets that prove an address to be ours: the first makes them, the others are earlier ones. Default: one that the relay makes and keeps in <c>srs.secret</c> of the queue's folder.</summary>
    public IReadOnlyList<SecretReference> Secrets { get; init; } = [];
}
