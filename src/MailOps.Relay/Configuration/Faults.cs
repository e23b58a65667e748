using MailOps.Messages;

namespace MailOps.Relay.Configuration;

/// <summary>One thing that is wrong with a configuration.</summary>
/// <param name="Key">The key it is told of, as in <c>routes[0].host</c>.</param>
/// <param name="Text">A sentence that begins with the key.</param>
/// <param name="Others">Further keys it depends on: where one of them is faulty itself, this may be no fault.</param>
internal sealed record Fault(string Key, string Text, IReadOnlyList<string> Others);

/// <summary>What is wrong with a configuration, all of it: nobody should correct a document one error at a time.</summary>
internal sealed class Faults
{
    private readonly List<Fault> _all = [];

    /// <summary>All of them, as they were found.</summary>
    public IReadOnlyList<Fault> All => _all;

    /// <summary>Adds a fault.</summary>
    /// <param name="key">The key.</param>
    /// <param name="rule">What follows the key in the sentence, without the full stop.</param>
    /// <param name="others">Further keys it depends on.</param>
    public void Add(string key, string rule, params IReadOnlyList<string> others) => _all.Add(new Fault(key, $"{key} {rule}.", others));

    /// <summary>The error that tells them, a line each, without what would do something to a terminal.</summary>
    /// <param name="texts">A sentence for each.</param>
    /// <param name="source">The document, which each line begins with; null where there is none.</param>
    /// <param name="hint">What can be done.</param>
    /// <param name="cause">What was thrown, if anything was.</param>
    public static MailOpsException Error(IEnumerable<string> texts, string? source, string hint, Exception? cause = null) =>
        new(ErrorCode.RelayConfigurationInvalid, string.Join('\n', texts.Select(Printable.Escape).Select(text => source is null ? text : $"{source}: {text}")), hint, cause);
}
