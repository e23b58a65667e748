using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace MailOps.Relay.Delivery.Trust.Reports;

/// <summary>Who reports.</summary>
/// <param name="HostName">The relay.</param>
/// <param name="Organization">organization-name.</param>
/// <param name="Contact">contact-info, and the From of mail.</param>
internal sealed record TlsReportOrigin(string HostName, string Organization, string Contact)
{
    /// <summary>The domain that reports: that of the contact.</summary>
    public string Submitter => Contact[(Contact.LastIndexOf('@') + 1)..];
}

/// <summary>The report on one domain for one day (RFC 8460 section 4). The same results make the same report whenever it is sent, with one id, so that who gets it twice can tell.</summary>
internal sealed class TlsReport(DomainResults results, TlsReportOrigin origin)
{
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly DateTimeOffset _begin = new(results.Day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);

    public string Domain => results.Domain;

    public TlsReportOrigin Origin => origin;

    /// <summary>Unique among reporters: day, domain, and a sum of all that makes the report this one.</summary>
    public string Id => string.Create(CultureInfo.InvariantCulture, $"{results.Day:yyyy-MM-dd}.{results.Domain}.{Unique}@{origin.Submitter}");

    /// <summary>RFC 8460 section 5.1.</summary>
    public string FileName => string.Create(CultureInfo.InvariantCulture, $"{origin.Submitter}!{results.Domain}!{_begin.ToUnixTimeSeconds()}!{End.ToUnixTimeSeconds()}!{Unique}.json.gz");

    private DateTimeOffset End => _begin + TimeSpan.FromDays(1) - TimeSpan.FromSeconds(1);

    private string Unique => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{origin.HostName} {results.Day:O} {results.Domain}")))[..8];

    /// <summary>The report, compressed (RFC 8460 section 5.2).</summary>
    public byte[] Compress()
    {
        var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.SmallestSize)) gzip.Write(ToJson());
        return compressed.ToArray();
    }

    /// <summary>The report as I-JSON, with the names of RFC 8460 section 4.4.</summary>
    public byte[] ToJson()
    {
        var json = new MemoryStream();
        using (var writer = new Utf8JsonWriter(json, Readable))
        {
            writer.WriteStartObject();
            writer.WriteString("organization-name", origin.Organization);
            writer.WriteStartObject("date-range");
            writer.WriteString("start-datetime", Time(_begin));
            writer.WriteString("end-datetime", Time(End));
            writer.WriteEndObject();
            writer.WriteString("contact-info", origin.Contact);
            writer.WriteString("report-id", Id);
            writer.WriteStartArray("policies");
            foreach (var policy in results.Policies) Write(writer, policy);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        return json.ToArray();
    }

    private void Write(Utf8JsonWriter writer, PolicyResults policy)
    {
        writer.WriteStartObject();
        writer.WriteStartObject("policy");
        writer.WriteString("policy-type", Word(policy.Policy.Type));
        Write(writer, "policy-string", policy.Policy.Strings);
        writer.WriteString("policy-domain", results.Domain);
        Write(writer, "mx-host", policy.Policy.MxPatterns);
        writer.WriteEndObject();
        writer.WriteStartObject("summary");
        writer.WriteNumber("total-successful-session-count", policy.Successes);
        writer.WriteNumber("total-failure-session-count", policy.Failures.Sum(failure => failure.Count));
        writer.WriteEndObject();
        if (policy.Failures.Count > 0)
        {
            writer.WriteStartArray("failure-details");
            foreach (var failure in policy.Failures) Write(writer, failure);
            writer.WriteEndArray();
        }
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, FailureResults failure)
    {
        writer.WriteStartObject();
        writer.WriteString("result-type", Word(failure.Kind.Type));
        Write(writer, "sending-mta-ip", failure.Kind.SendingAddress);
        Write(writer, "receiving-mx-hostname", failure.Kind.MxHost);
        Write(writer, "receiving-ip", failure.Kind.ReceivingAddress);
        writer.WriteNumber("failed-session-count", failure.Count);
        Write(writer, "failure-reason-code", failure.Reason);
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, string name, IReadOnlyList<string> values)
    {
        if (values.Count == 0) return;
        writer.WriteStartArray(name);
        foreach (var value in values) writer.WriteStringValue(value);
        writer.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter writer, string name, string? value)
    {
        if (value is not null) writer.WriteString(name, value);
    }

    // RFC 3339, as RFC 8460 section 4.4 has it.
    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static string Word(TlsPolicyType type) => type switch
    {
        TlsPolicyType.Sts => "sts",
        TlsPolicyType.Tlsa => "tlsa",
        _ => "no-policy-found",
    };

    private static string Word(TlsResultType type) => type switch
    {
        TlsResultType.StartTlsNotSupported => "starttls-not-supported",
        TlsResultType.CertificateHostMismatch => "certificate-host-mismatch",
        TlsResultType.CertificateExpired => "certificate-expired",
        TlsResultType.CertificateNotTrusted => "certificate-not-trusted",
        TlsResultType.TlsaInvalid => "tlsa-invalid",
        TlsResultType.DnssecInvalid => "dnssec-invalid",
        TlsResultType.DaneRequired => "dane-required",
        TlsResultType.StsPolicyFetchError => "sts-policy-fetch-error",
        TlsResultType.StsPolicyInvalid => "sts-policy-invalid",
        TlsResultType.StsWebPkiInvalid => "sts-webpki-invalid",
        _ => "validation-failure",
    };
}
