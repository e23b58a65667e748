using MailOps.Messages;

namespace MailOps.Relay.Server.Authentication;

/// <summary>What a user may put in MAIL: an address, a domain as in <c>@example.test</c>, or <c>*</c> for any.</summary>
public static class SenderRule
{
    /// <summary>Whether a text is such a rule.</summary>
    public static bool IsValid(string rule) => rule == "*" || (rule.StartsWith('@') ? EmailAddress.IsDomain(rule[1..]) : EmailAddress.TryParse(rule, out _));

    /// <summary>Whether a rule allows an address. Local parts are compared without case: a mailbox that differs in it alone is the same person's nearly everywhere.</summary>
    public static bool Allows(string rule, EmailAddress sender)
    {
        if (rule == "*") return true;
        var at = rule.LastIndexOf('@');
        return (at <= 0 || string.Equals(rule[..at], sender.LocalPart, StringComparison.OrdinalIgnoreCase))
            && string.Equals(DomainName.ToAscii(rule[(at + 1)..]), DomainName.ToAscii(sender.Domain), StringComparison.OrdinalIgnoreCase);
    }
}
