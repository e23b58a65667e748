using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using MailOps.Messages;

namespace MailOps.Relay.Server.Proxy;

/// <summary>What a proxy says of its client by XCLIENT, as Postfix's XCLIENT_README has it. What is not said, or not known to the proxy, is null.</summary>
internal sealed record ConveyedClient
{
    /// <summary>The attributes, as EHLO offers them.</summary>
    public const string Attributes = "NAME ADDR PORT PROTO HELO LOGIN DESTADDR DESTPORT";

    private const int MaxLength = 255;

    /// <summary>The client's name by DNS.</summary>
    public string? Name { get; private init; }

    /// <summary>The client's address; 0.0.0.0, which has no rights, where the proxy does not know it.</summary>
    public IPAddress? Address { get; private init; }

    /// <summary>The client's port.</summary>
    public int? Port { get; private init; }

    /// <summary>What the client called itself.</summary>
    public string? Helo { get; private init; }

    /// <summary>Whether it said HELO rather than EHLO.</summary>
    public bool Plain { get; private init; }

    /// <summary>The user it authenticated as, at the proxy.</summary>
    public string? Login { get; private init; }

    /// <summary>Reads the attributes of one XCLIENT; those of an earlier one stay where this one does not name them.</summary>
    /// <param name="argument">The attributes, divided by spaces.</param>
    /// <param name="before">What an earlier XCLIENT said, or null.</param>
    /// <returns>Null where that is not their grammar.</returns>
    public static ConveyedClient? Read(ReadOnlySpan<byte> argument, ConveyedClient? before)
    {
        ConveyedClient? client = before ?? new();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var attribute in Encoding.Latin1.GetString(argument).Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = attribute.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0 || !Xtext.TryDecode(attribute[(equals + 1)..], out var value) || value.Length is 0 or > MaxLength) return null;
            var name = attribute[..equals].ToUpperInvariant();
            if (!seen.Add(name)) return null;
            client = client.With(name, value.ToUpperInvariant() is "[UNAVAILABLE]" or "[TEMPUNAVAIL]" ? null : value);
            if (client is null) return null;
        }
        return seen.Contains("ADDR") && !seen.Contains("PORT") ? client with { Port = null } : client;   // an earlier port was another client's
    }

    // Null where the name or the value is none; a value of null is one that the proxy does not know.
    private ConveyedClient? With(string name, string? value) => name switch
    {
        "NAME" when value is null || value.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_') => this with { Name = value },
        "ADDR" when value is null => this with { Address = IPAddress.Any },
        "ADDR" when ReadAddress(value) is { } address => this with { Address = address },
        "HELO" when value is null || Verbs.Greeting.IsName(value) => this with { Helo = value },
        "PROTO" when value is null || value.ToUpperInvariant() is "SMTP" or "ESMTP" => this with { Plain = string.Equals(value, "SMTP", StringComparison.OrdinalIgnoreCase) },
        "LOGIN" => this with { Login = value },
        "DESTADDR" when value is null || ReadAddress(value) is not null => this,
        "PORT" or "DESTPORT" when value is not null && !ushort.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out _) => null,
        "PORT" => this with { Port = value is null ? null : ushort.Parse(value, CultureInfo.InvariantCulture) },
        "DESTPORT" => this,
        _ => null,
    };

    // IPv6 with the prefix that SMTP's address literals have.
    private static IPAddress? ReadAddress(string text)
    {
        var six = text.StartsWith("IPV6:", StringComparison.OrdinalIgnoreCase);
        if (!six && text.Count(c => c == '.') != 3) return null;
        return IPAddress.TryParse(six ? text[5..] : text, out var address) && address.AddressFamily == (six ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork) ? address : null;
    }
}
