using System.Diagnostics.CodeAnalysis;
using MailOps.Messages;

namespace MailOps.Relay.Configuration;

/// <summary>
/// Addresses as a configuration names them: one address, <c>@domain</c>, <c>*.domain</c> for all below it, <c>*</c> for any address, or <c>&lt;&gt;</c> for the null sender. Local parts
/// are compared without case, as mailboxes are.
/// </summary>
internal sealed class AddressPattern
{
    private const string NullSender = "<>", Any = "*";
    private readonly string? _localPart;
    private readonly string? _domain;
    private readonly bool _below;
    private readonly bool _isNull;

    private AddressPattern(string? localPart, string? domain, bool below = false, bool isNull = false) => (_localPart, _domain, _below, _isNull) = (localPart, domain, below, isNull);

    /// <summary>Reads one; false where the text is none.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out AddressPattern? pattern)
    {
        pattern = text switch
        {
            NullSender => new AddressPattern(null, null, isNull: true),
            Any => new AddressPattern(null, null),
            ['*', '.', .. var above] when EmailAddress.IsDomain(above) => new AddressPattern(null, "." + DomainName.ToAscii(above), below: true),
            ['@', .. var domain] when EmailAddress.IsDomain(domain) => new AddressPattern(null, DomainName.ToAscii(domain)),
            _ => EmailAddress.TryParse(text, out var address) ? new AddressPattern(address.LocalPart, DomainName.ToAscii(address.Domain)) : null,
        };
        return pattern is not null;
    }

    /// <summary>Those that texts are; one that is none is told when the configuration is read.</summary>
    public static AddressPattern[] Of(IEnumerable<string> texts)
    {
        var patterns = new List<AddressPattern>();
        foreach (var text in texts)
            patterns.Add(TryParse(text, out var pattern) ? pattern : throw new MailOpsException(ErrorCode.RelayConfigurationInvalid, $"'{text}' names no addresses.", "Write an address, @domain, *.domain, * or <>."));
        return [.. patterns];
    }

    /// <summary>The one domain of all that it means; null where they have several, or none.</summary>
    public string? OneDomain => _below ? null : _domain;

    /// <summary>Whether it means every address that another means.</summary>
    public bool Covers(AddressPattern other)
    {
        if (_isNull || other._isNull) return _isNull && other._isNull;
        if (_domain is null) return true;
        return other._domain is not null
            && (_below ? other._domain.EndsWith(_domain, StringComparison.Ordinal) : !other._below && other._domain == _domain)
            && (_localPart is null || string.Equals(_localPart, other._localPart, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Whether it means this address; null is the null sender.</summary>
    public bool Matches(EmailAddress? address)
    {
        if (address is null || _isNull) return address is null && _isNull;
        if (_domain is null) return true;
        var domain = DomainName.ToAscii(address.Domain);
        return (_below ? domain.EndsWith(_domain, StringComparison.Ordinal) : domain == _domain)
            && (_localPart is null || string.Equals(_localPart, address.LocalPart, StringComparison.OrdinalIgnoreCase));
    }
}
