using MailOps.Relay.Control;

namespace MailOps.Relay.Tests.Control;

public sealed class PartsTests
{
    [Fact]
    public async Task Every_part_is_ended_and_the_one_fault_is_told_as_it_is()
    {
        var ended = new List<int>();
        var fault = new IOException("the second");
        var told = await Assert.ThrowsAsync<IOException>(() => Parts.EndAsync(() => End(1), () => throw fault, () => End(3)));
        Assert.Same(fault, told);
        Assert.Equal([1, 3], ended);

        ValueTask End(int part)
        {
            ended.Add(part);
            return ValueTask.CompletedTask;
        }
    }

    [Fact]
    public async Task Several_faults_are_told_together()
    {
        var told = await Assert.ThrowsAsync<AggregateException>(() => Parts.EndAsync(() => ValueTask.FromException(new IOException("one")), () => throw new InvalidOperationException("two")));
        Assert.Equal(["one", "two"], told.InnerExceptions.Select(e => e.Message));
    }

    [Fact]
    public async Task A_part_that_needs_no_end_has_none()
    {
        await Parts.DisposeAsync(null);
        await Parts.DisposeAsync("text");
        using var source = new CancellationTokenSource();
        await Parts.DisposeAsync(source);
        Assert.Throws<ObjectDisposedException>(() => source.Token);
    }
}
