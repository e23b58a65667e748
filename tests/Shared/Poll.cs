namespace MailOps.Tests.Shared;

/// <summary>Waits for something that another thread or process does.</summary>
internal static class Poll
{
    public static async Task UntilAsync(Func<bool> condition)
    {
        var token = TestContext.Current.CancellationToken;
        for (var i = 0; !condition(); i++)   // asked once a turn: what is true for a moment may not be so the next time
        {
            Assert.True(i < 3000, "It did not happen within 30 seconds.");
            await Task.Delay(10, token);
        }
    }
}
