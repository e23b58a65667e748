namespace MailOps.Tests.Shared;

/// <summary>Waits for something that another thread or process does.</summary>
internal static class Poll
{
    public static async Task UntilAsync(Func<bool> condition)
    {
        var token = TestContext.Current.CancellationToken;
        for (var i = 0; i < 3000 && !condition(); i++) await Task.Delay(10, token);
        Assert.True(condition(), "It did not happen within 30 seconds.");
    }
}
