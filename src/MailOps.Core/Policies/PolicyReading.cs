using System.Globalization;

namespace MailOps.Policies;

/// <summary>What is wrong with a policy that somebody published: a value and not an exception, for it is no fault of who reads it.</summary>
/// <param name="Line">The line, from 1; a DNS record has one.</param>
/// <param name="Column">The character in it, from 1; 0 where it is the text as a whole.</param>
/// <param name="Reason">What is wrong, as the end of a sentence.</param>
public sealed record PolicyFault(int Line, int Column, string Reason)
{
    /// <summary>Where and what: <c>line 3, character 7: 'all' is no mode</c>.</summary>
    public override string ToString() =>
        Column == 0 ? Reason : string.Format(CultureInfo.InvariantCulture, "line {0}, character {1}: {2}", Line, Column, Reason);

    internal static PolicyFault Whole(string reason) => new(1, 0, reason);
}

/// <summary>What reading a policy came to: a value, or what is wrong with the text, or neither where nothing is published.</summary>
/// <param name="Value">What it says; null where it cannot be read.</param>
/// <param name="Fault">Why it cannot be read.</param>
public sealed record PolicyReading<T>(T? Value, PolicyFault? Fault)
    where T : class;

internal static class PolicyReading
{
    /// <summary>Nothing is published.</summary>
    public static PolicyReading<T> None<T>()
        where T : class => new(null, null);

    public static PolicyReading<T> Of<T>(T value)
        where T : class => new(value, null);

    public static PolicyReading<T> Not<T>(PolicyFault fault)
        where T : class => new(null, fault);
}
