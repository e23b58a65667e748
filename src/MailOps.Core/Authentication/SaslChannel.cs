using System.Net.Security;

namespace MailOps.Authentication;

/// <summary>The connection over which a mechanism runs, for those that are bound to it.</summary>
/// <param name="Server">The server's name.</param>
/// <param name="Tls">The TLS; null in plain text.</param>
internal sealed record SaslChannel(string Server, SslStream? Tls);
