using System.Text;

namespace MailOps.Outlook;

/// <summary>What a registry value holds, byte for byte, with its kind. Reading it never fails: whoever filled the registry is not trusted.</summary>
/// <param name="kind">The kind; one that is not named in <see cref="RegistryDataKind"/> is kept as it is.</param>
/// <param name="bytes">The bytes, which nobody changes afterwards.</param>
public sealed class RegistryData(RegistryDataKind kind, byte[] bytes) : IEquatable<RegistryData>
{
    private readonly byte[] _bytes = bytes;

    /// <summary>The kind.</summary>
    public RegistryDataKind Kind => kind;

    /// <summary>How many bytes there are.</summary>
    public int Length => _bytes.Length;

    /// <summary>A text, as UTF-16 with its terminating NUL.</summary>
    /// <param name="text">The text.</param>
    /// <param name="kind">Text, or Binary as Outlook 2013 and older keep texts.</param>
    public static RegistryData OfText(string text, RegistryDataKind kind = RegistryDataKind.Text) => new(kind, Encoding.Unicode.GetBytes(text + "\0"));

    /// <summary>A number.</summary>
    public static RegistryData OfNumber(int number) => new(RegistryDataKind.Number, [(byte)number, (byte)(number >> 8), (byte)(number >> 16), (byte)(number >> 24)]);

    /// <summary>A copy of the bytes.</summary>
    public byte[] ToArray() => (byte[])_bytes.Clone();

    /// <summary>The text in a value of a kind that holds text for Outlook (REG_SZ, REG_EXPAND_SZ, REG_BINARY), without NULs at its end; null where the kind holds none.</summary>
    /// <remarks>An odd last byte is left out. Lone surrogates and control characters stay: escape them before they are shown.</remarks>
    public string? AsText()
    {
        if (kind is not (RegistryDataKind.Text or RegistryDataKind.ExpandText or RegistryDataKind.Binary)) return null;
        var text = new StringBuilder(_bytes.Length / 2);
        for (var i = 0; i + 1 < _bytes.Length; i += 2) text.Append((char)(_bytes[i] | (_bytes[i + 1] << 8)));
        return text.ToString().TrimEnd('\0');
    }

    /// <summary>The number in a REG_DWORD of four bytes; null in anything else.</summary>
    public int? AsNumber() => kind == RegistryDataKind.Number && _bytes.Length == 4 ? _bytes[0] | (_bytes[1] << 8) | (_bytes[2] << 16) | (_bytes[3] << 24) : null;

    /// <inheritdoc/>
    public bool Equals(RegistryData? other) => other is not null && Kind == other.Kind && _bytes.AsSpan().SequenceEqual(other._bytes);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as RegistryData);

    /// <inheritdoc/>
    public override int GetHashCode() => (int)kind ^ _bytes.Length;
}
