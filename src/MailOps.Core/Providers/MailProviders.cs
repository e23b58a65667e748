using System.Globalization;
using System.Xml.Linq;
using MailOps.Filtering;
using MailOps.Messages;

namespace MailOps.Providers;

/// <summary>The providers that are known without asking anyone; their data is <c>providers.xml</c> beside this file.</summary>
public static class MailProviders
{
    private static readonly Lazy<IReadOnlyList<MailProvider>> Known = new(Read);

    /// <summary>All of them, in the order of the data.</summary>
    public static IReadOnlyList<MailProvider> All => Known.Value;

    /// <summary>The provider of a name, in any case.</summary>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.MailProviderNotFound"/>.</exception>
    public static MailProvider Named(string name) => All.FirstOrDefault(provider => string.Equals(provider.Name, name, StringComparison.OrdinalIgnoreCase))
        ?? throw new MailOpsException(
            ErrorCode.MailProviderNotFound, $"No provider '{Printable.Escape(name)}' is known{NearestName.Hint(name, All.Select(provider => provider.Name))}.",
            "Without a name, Get-MailProvider shows all; -Domain and -Address find a provider by the addresses of its users.");

    /// <summary>The provider whose own users have addresses in a domain; null where none is known.</summary>
    /// <param name="domain">The domain, in any form that has an A-label form.</param>
    public static MailProvider? ForDomain(string domain) => First(domain, provider => provider.Domain);

    /// <summary>The provider that takes mail at a mail exchanger for whichever domain; null where none is known.</summary>
    /// <param name="host">The exchanger's name.</param>
    public static MailProvider? ForMailExchanger(string host) => First(host, provider => provider.MailExchanger);

    // Of several patterns that match the longest says most: AOL's exchangers are among Yahoo's.
    private static MailProvider? First(string name, Func<MailProvider, string[]> patterns)
    {
        var ascii = DomainName.ToAscii(name);
        return All.SelectMany(provider => patterns(provider).Where(pattern => Wildcard.Matches(pattern, ascii)).Select(pattern => (Provider: provider, pattern.Length)))
            .OrderByDescending(match => match.Length).Select(match => match.Provider).FirstOrDefault();
    }

    private static IReadOnlyList<MailProvider> Read()
    {
        using var data = typeof(MailProviders).Assembly.GetManifestResourceStream("MailOps.Providers.providers.xml")!;
        var root = XDocument.Load(data).Root!;
        var day = DateTime.ParseExact(root.Attribute("checked")!.Value, "yyyy-MM-dd", CultureInfo.InvariantCulture);
        return [.. root.Elements("provider").Select(provider => Provider(provider, day))];
    }

    private static MailProvider Provider(XElement provider, DateTime day)
    {
        var limits = provider.Element("limits");
        return new MailProvider
        {
            Name = provider.Attribute("name")!.Value,
            DisplayName = provider.Attribute("title")!.Value,
            Domain = Texts(provider, "domain"),
            MailExchanger = Texts(provider, "mx"),
            Servers = [.. provider.Elements("server").Select(Server)],
            MessagesPerMinute = (int?)limits?.Attribute("messagesPerMinute"),
            MessagesPerDay = (int?)limits?.Attribute("messagesPerDay"),
            RecipientsPerDay = (int?)limits?.Attribute("recipientsPerDay"),
            RecipientsPerMessage = (int?)limits?.Attribute("recipientsPerMessage"),
            MaxConnections = (int?)limits?.Attribute("connections"),
            MessagesPerConnection = (int?)limits?.Attribute("messagesPerConnection"),
            MaxMessageSize = (long?)limits?.Attribute("messageSize"),
            LimitNotes = Texts(provider, "limit"),
            Notes = Texts(provider, "note"),
            Checked = day,
        };
    }

    private static string[] Texts(XElement provider, string name) => [.. provider.Elements(name).Select(element => element.Value)];

    private static MailServer Server(XElement server) => new()
    {
        Protocol = Value<MailProtocol>(server.Attribute("protocol")!.Value),
        Server = server.Attribute("host")!.Value,
        Port = (int)server.Attribute("port")!,
        Tls = Value<TlsMode>(server.Attribute("tls")!.Value),
        Authentication = [.. server.Attribute("auth")!.Value.Split(' ').Select(Value<MailAuthentication>)],
        UserName = server.Attribute("user")!.Value,
        Note = server.Attribute("note")?.Value,
    };

    private static T Value<T>(string name)
        where T : struct, Enum => Enum.TryParse<T>(name, out var value) ? value : throw new FormatException($"providers.xml: '{name}' is no {typeof(T).Name}.");
}
