namespace MailOps.Peers.Tests.Running;

/// <summary>Waits for what other processes do: generously, because the machine may be loaded, and no longer than needed.</summary>
internal static class Until
{
    /// <summary>How long anything may take before the test fails.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);

    /// <summary>Waits until something is there.</summary>
    /// <param name="find">Gives what is waited for, or null while it is not there.</param>
    /// <param name="otherwise">What to say where it never comes.</param>
    public static async Task<T> FoundAsync<T>(Func<T?> find, Func<string> otherwise)
        where T : class
    {
        var deadline = DateTime.UtcNow + Limit;
        while (true)
        {
            if (find() is { } found) return found;
            if (DateTime.UtcNow > deadline) Assert.Fail($"Waited {Limit}: {otherwise()}");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Waits until a condition holds.</summary>
    public static Task TrueAsync(Func<bool> condition, Func<string> otherwise) =>
        FoundAsync(() => condition() ? "yes" : null, otherwise);
}
