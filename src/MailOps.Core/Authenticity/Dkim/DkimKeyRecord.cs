namespace MailOps.Authenticity.Dkim;

/// <summary>A key record as receivers read it.</summary>
/// <param name="text">The text.</param>
internal sealed class DkimKeyRecord(string text)
{
    /// <summary>The text.</summary>
    public string Text { get; } = text;

    /// <summary>Its tags.</summary>
    public TagList Tags { get; } = TagList.Read(text, StringComparison.Ordinal);

    /// <summary>The kind of key, RSA where it does not say; null where nobody knows it.</summary>
    public DkimKeyType? Type => Tags["k"]?.Value switch
    {
        null or "rsa" => DkimKeyType.Rsa,
        "ed25519" => DkimKeyType.Ed25519,
        _ => null,
    };

    /// <summary>The key in base64, without the space that may be in it; null where there is none.</summary>
    public string? Key => Tags["p"] is { } tag ? string.Concat(tag.Value.Where(c => c is not (' ' or '\t' or '\r' or '\n'))) : null;

    /// <summary>Whether the key is withdrawn: an empty p=.</summary>
    public bool IsRevoked => Key is { Length: 0 };

    /// <summary>Bits of the key; 0 where it cannot be read.</summary>
    public int Size => Type is { } type && Key is { Length: > 0 } key ? DkimKeyBits.SizeOf(type, key) : 0;

    /// <summary>Whether a tag with a list, such as t=y:s, has a value.</summary>
    public bool Has(string tag, string value) => ListOf(tag).Contains(value, StringComparer.Ordinal);

    /// <summary>The values of a tag with a list.</summary>
    public IEnumerable<string> ListOf(string tag) => Tags[tag]?.Value.Split(':').Select(value => value.Trim()) ?? [];
}
