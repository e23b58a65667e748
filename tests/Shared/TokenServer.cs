using System.Buffers.Text;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;

namespace MailOps.Tests.Shared;

/// <summary>What a token server was asked: the fields of the form, and whatever was not as RFC 6749 wants it.</summary>
internal sealed record TokenRequestSeen(IReadOnlyDictionary<string, string> Fields, string? Fault);

/// <summary>
/// A token server on loopback, with TLS where it has a certificate. It holds each request to what a test expects, field by field, and gives a token only where nothing is missing,
/// different or too much.
/// </summary>
internal sealed class TokenServer : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly X509Certificate2? _certificate;
    private readonly CancellationTokenSource _stopped = new();
    private readonly Lock _gate = new();
    private readonly List<TokenRequestSeen> _requests = [];
    private readonly List<Task> _sessions = [];
    private readonly Task _accepting;

    public TokenServer(X509Certificate2? certificate = null)
    {
        _certificate = certificate;
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        _accepting = AcceptAsync();
    }

    public string Url => string.Create(CultureInfo.InvariantCulture, $"{(_certificate is null ? "http" : "https")}://127.0.0.1:{((IPEndPoint)_listener.LocalEndPoint!).Port}/tenant/oauth2/v2.0/token");

    /// <summary>What is wrong with the fields; null where nothing is.</summary>
    public Func<IReadOnlyDictionary<string, string>, string?> Check { get; set; } = _ => null;

    /// <summary>The token for the n-th request that is right, from 1.</summary>
    public Func<int, string> Token { get; set; } = n => string.Create(CultureInfo.InvariantCulture, $"access-token-{n}");

    /// <summary>Lifetime of a token, in seconds.</summary>
    public int ExpiresIn { get; set; } = 3600;

    /// <summary>The refresh token that goes with the n-th answer.</summary>
    public Func<int, string?> Refresh { get; set; } = _ => null;

    /// <summary>Status, further headers and body of the answer to the n-th request, right or wrong, in the place of a token.</summary>
    public Func<int, (int Status, string Headers, string Body)?> Instead { get; set; } = _ => null;

    public IReadOnlyList<TokenRequestSeen> Requests
    {
        get
        {
            lock (_gate) return [.. _requests];
        }
    }

    /// <summary>Exactly these fields, with exactly these values; null for any that is not empty.</summary>
    public static Func<IReadOnlyDictionary<string, string>, string?> Fields(params (string Name, string? Value)[] expected) => fields =>
        fields.Keys.Except(expected.Select(e => e.Name)).FirstOrDefault() is { } tooMuch ? $"{tooMuch} is too much"
        : expected.Where(e => !fields.TryGetValue(e.Name, out var value) || value.Length == 0 || (e.Value is not null && e.Value != value)).Select(e => $"{e.Name} is missing or wrong").FirstOrDefault();

    /// <summary>An assertion (RFC 7523 section 3) whose signature, header and claims are as expected, and whose times are about now and no longer apart than is allowed.</summary>
    public static string? Assertion(string jwt, RSA key, bool pss, (string Name, string Value)[] header, (string Name, string Value)[] claims, TimeSpan longest)
    {
        var parts = jwt.Split('.');
        if (parts.Length != 3) return "no assertion";
        var padding = pss ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1;
        if (!key.VerifyData(Encoding.ASCII.GetBytes(parts[0] + "." + parts[1]), Base64Url.DecodeFromChars(parts[2]), HashAlgorithmName.SHA256, padding)) return "the signature is wrong";
        var (head, body) = (Parse(parts[0]), Parse(parts[1]));
        foreach (var (name, value) in (IEnumerable<(string, string)>)[("alg", pss ? "PS256" : "RS256"), ("typ", "JWT"), .. header]) if ((string?)head[name] != value) return $"header {name} is {head[name]}";
        foreach (var (name, value) in claims) if ((string?)body[name] != value) return $"claim {name} is {body[name]}";
        var (issued, expires, now) = ((long?)body["iat"], (long?)body["exp"], DateTimeOffset.UtcNow.ToUnixTimeSeconds());
        if (issued is null || Math.Abs(issued.Value - now) > 60) return $"claim iat is {issued}";
        if (expires is null || expires <= now || expires - issued > longest.TotalSeconds) return $"claim exp is {expires}";
        return body["nbf"] is { } begins && (long)begins > now ? $"claim nbf is {begins}" : null;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopped.CancelAsync();
        _listener.Dispose();
        await _accepting;
        await Task.WhenAll(_sessions);
        _stopped.Dispose();
    }

    private static JsonNode Parse(string part) => JsonNode.Parse(Base64Url.DecodeFromChars(part))!;

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var socket = await _listener.AcceptAsync(_stopped.Token);
                lock (_gate) _sessions.Add(Task.Run(() => ServeAsync(socket)));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Stopped.
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        try
        {
            await using Stream wire = new NetworkStream(socket, ownsSocket: true);
            await using var stream = _certificate is null ? wire : new SslStream(wire);
            if (stream is SslStream tls) await tls.AuthenticateAsServerAsync(_certificate!);
            while (await ReadAsync(stream) is var (head, body)) await stream.WriteAsync(Encoding.UTF8.GetBytes(Answer(head, body)), _stopped.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or System.Security.Authentication.AuthenticationException)
        {
            // The client has gone, or the test is over.
        }
    }

    private async Task<(string Head, string Body)?> ReadAsync(Stream stream)
    {
        var (text, buffer) = ("", new byte[64 * 1024]);
        while (true)
        {
            if (text.IndexOf("\r\n\r\n", StringComparison.Ordinal) is >= 0 and var end)
            {
                var length = text[..end].Split("\r\n").Where(l => l.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase)).Select(l => int.Parse(l[15..], CultureInfo.InvariantCulture)).SingleOrDefault();
                if (text.Length >= end + 4 + length) return (text[..end], text[(end + 4)..(end + 4 + length)]);
            }
            var count = await stream.ReadAsync(buffer, _stopped.Token);
            if (count == 0) return null;
            text += Encoding.ASCII.GetString(buffer, 0, count);
        }
    }

    private string Answer(string head, string body)
    {
        var fields = new Dictionary<string, string>();
        var fault = head.StartsWith("POST /tenant/oauth2/v2.0/token HTTP/1.1\r\n", StringComparison.Ordinal) ? null : "not a POST to the token endpoint";
        if (!head.Contains("Content-Type: application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase)) fault = "not a form";
        foreach (var pair in body.Split('&', StringSplitOptions.RemoveEmptyEntries).Select(p => p.Split('=')))
            if (!fields.TryAdd(WebUtility.UrlDecode(pair[0]), WebUtility.UrlDecode(pair[1]))) fault = $"{pair[0]} is there twice";
        fault ??= Check(fields);
        int number;
        lock (_gate)   // before anybody hears of it, and may look
        {
            _requests.Add(new TokenRequestSeen(fields, fault));
            number = _requests.Count;
        }
        var (status, headers, json) = Instead(number) ?? (fault is null ? (200, "", Given(number)) : (400, "", new JsonObject { ["error"] = "invalid_request", ["error_description"] = fault }.ToJsonString()));
        return string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(json)}\r\n{headers}\r\n{json}");
    }

    private string Given(int number)
    {
        var given = new JsonObject { ["access_token"] = Token(number), ["token_type"] = "Bearer", ["expires_in"] = ExpiresIn };
        if (Refresh(number) is { } refresh) given["refresh_token"] = refresh;
        return given.ToJsonString();
    }
}
