namespace MailOps.Authentication;

/// <summary>The server does not offer the mechanism that is wanted, or none that would do.</summary>
/// <param name="wanted">The mechanism; null for any.</param>
/// <param name="offered">What the server offers.</param>
internal sealed class NoMechanismException(string? wanted, IReadOnlyList<string> offered) : NotSupportedException("no mechanism in common")
{
    /// <summary>The mechanism; null for any.</summary>
    public string? Wanted => wanted;

    /// <summary>What the server offers, in order, without control characters.</summary>
    public IReadOnlyList<string> Offered => offered;
}
