using MailOps.Relay.Control;

namespace MailOps.Relay.Tests.Control;

public sealed class NewWarningsTests
{
    private readonly NewWarnings _news = new();

    [Fact]
    public void Each_is_told_once_until_it_is_gone_and_comes_again()
    {
        Assert.Equal(["a", "b"], _news.Of(["a", "b"]));
        Assert.Empty(_news.Of(["a", "b"]));
        Assert.Equal(["c"], _news.Of(["b", "c"]));
        Assert.Equal(["a"], _news.Of(["a", "b"]));
    }

    [Fact]
    public void One_that_counts_on_is_not_new()
    {
        Assert.Single(_news.Of(["Lines missing so far: 9. Full."]));
        Assert.Empty(_news.Of(["Lines missing so far: 10. Full."]));
        Assert.Empty(_news.Of(["Lines missing so far: 11. Full."]));
        Assert.Single(_news.Of(["Lines missing so far: 12. Gone."]));
    }

    [Fact]
    public void Two_that_differ_in_their_numbers_are_both_told()
    {
        Assert.Equal(["Listener :25 takes TLS 1.0.", "Listener :26 takes TLS 1.0."], _news.Of(["Listener :25 takes TLS 1.0.", "Listener :26 takes TLS 1.0."]));
        Assert.Equal(["Listener :27 takes TLS 1.0."], _news.Of(["Listener :25 takes TLS 1.0.", "Listener :26 takes TLS 1.0.", "Listener :27 takes TLS 1.0."]));
    }
}
