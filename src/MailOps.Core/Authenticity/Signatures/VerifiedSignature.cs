namespace MailOps.Authenticity.Signatures;

/// <summary>A signature with what came of it.</summary>
/// <param name="Field">The signature.</param>
/// <param name="Verdict">What came of it.</param>
internal sealed record VerifiedSignature(SignatureField Field, SignatureVerdict Verdict)
{
    /// <summary>The key; null where it was not asked for.</summary>
    public SignatureKey? Key { get; init; }

    /// <summary>How many bytes at the end of the body are not signed.</summary>
    public long UnsignedBytes { get; init; }

    /// <summary>Whether it counts.</summary>
    public bool Passes => Verdict.Result == DkimResult.Pass;

    /// <summary>Whether the domain only tries DKIM (t=y).</summary>
    public bool IsTesting => Key?.Record?.Has("t", "y") ?? false;
}
