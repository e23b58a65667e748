namespace MailOps;

/// <summary>A key for DKIM signatures: where its private half is, and what to publish of the other; <c>New-DkimKey</c> writes one.</summary>
public sealed class DkimKey
{
    /// <summary>The domain that signs (d=), in the form of the DNS.</summary>
    public required string Domain { get; init; }
    /// <summary>The name of the key within the domain (s=).</summary>
    public required string Selector { get; init; }
    /// <summary>The kind of key.</summary>
    public DkimKeyType KeyType { get; init; }
    /// <summary>Its size in bits.</summary>
    public int KeySize { get; init; }
    /// <summary>The file with the private key: PKCS #8 in PEM, for its owner alone.</summary>
    public required string PrivateKeyPath { get; init; }
    /// <summary>The name under which the record is published.</summary>
    public required string RecordName { get; init; }
    /// <summary>The text of the TXT record.</summary>
    public required string Record { get; init; }
    /// <summary>The same in strings of at most 255 characters, of which a TXT record consists.</summary>
    public string[] RecordStrings { get; init; } = [];
    /// <summary>The record as a line of a zone file.</summary>
    public required string ZoneLine { get; init; }
}
