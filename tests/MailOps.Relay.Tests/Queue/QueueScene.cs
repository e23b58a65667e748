using System.Text;
using MailOps.Messages;
using MailOps.Relay.Disk;
using MailOps.Relay.Mail;
using MailOps.Relay.Queue;
using Microsoft.Extensions.Time.Testing;

namespace MailOps.Relay.Tests.Queue;

/// <summary>A folder, a clock turned by hand, and what a test says again and again to a queue.</summary>
public sealed class QueueScene : IDisposable
{
    private readonly DirectoryInfo _temporary = Directory.CreateTempSubdirectory("mailops-queue-");

    public string Folder => Path.Combine(_temporary.FullName, "queue");

    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    internal FaultList Faults { get; } = new();

    internal LogQueueSettings Settings { get; set; } = new() { AnswersOnWriter = false };

    internal IQueueDisk Disk { get; set; } = new LocalDisk();

    public static CancellationToken Ended => TestContext.Current.CancellationToken;

    public string Temporary(string name) => Path.Combine(_temporary.FullName, name);

    public ValueTask<LogQueue> OpenAsync(string? folder = null) => LogQueue.OpenAsync(folder ?? Folder, 0, Faults, Clock, Disk, Settings, Ended);

    public IReadOnlyList<string> Segments(string? folder = null) => [.. Directory.GetFiles(Path.Combine(folder ?? Folder, "log")).Order(StringComparer.Ordinal)];

    public IReadOnlyList<string> Digests(string? folder = null) => [.. Directory.GetFiles(Path.Combine(folder ?? Folder, "digest")).Order(StringComparer.Ordinal)];

    /// <summary>So that the next start reads the segments themselves.</summary>
    public void DeleteDigests()
    {
        foreach (var digest in Digests()) File.Delete(digest);
    }

    public static MailSender From(string? address = "sender@example.test") => new(address is null ? null : EmailAddress.Parse(address));

    public static MailRecipient To(string address) => new(EmailAddress.Parse(address));

    public static MailContent Text(string text) => new MemoryContent(Encoding.UTF8.GetBytes(text));

    /// <summary>Sends a message; its id if it was accepted, otherwise null.</summary>
    public static async Task<string?> TrySendAsync(LogQueue queue, MailContent content, params string[] recipients)
    {
        var (transaction, reply) = await queue.BeginAsync(From(), Ended);
        if (transaction is null) return null;
        await using (transaction)
        {
            foreach (var recipient in recipients is [] ? ["user@example.test"] : recipients) Assert.True((await transaction.AddRecipientAsync(To(recipient), Ended)).IsPositive);
            var outcomes = await transaction.CommitAsync(content, Ended);
            Assert.Equal(Math.Max(1, recipients.Length), outcomes.Count);
            return outcomes.All(outcome => outcome.Status == DeliveryStatus.Delivered) ? transaction.Id : null;
        }
    }

    public static async Task<string> SendAsync(LogQueue queue, string text, params string[] recipients) =>
        await TrySendAsync(queue, Text(text), recipients) ?? throw new InvalidOperationException("The queue did not accept it.");

    public static async Task<QueuedMessage> ClaimAsync(LogQueue queue) => Assert.Single(await queue.ClaimAsync(1, Ended));

    /// <summary>Claims all that is due now.</summary>
    public static async Task<IReadOnlyList<QueuedMessage>> ClaimAllAsync(LogQueue queue) => queue.Count == 0 ? [] : await queue.ClaimAsync(int.MaxValue, Ended);

    public static async Task<string> ReadAsync(QueuedMessage message)
    {
        using var content = await message.OpenContentAsync(Ended);
        using var reader = new StreamReader(content.OpenRead());
        var text = await reader.ReadToEndAsync(Ended);
        Assert.Equal(message.Size, Encoding.UTF8.GetByteCount(text));
        Assert.Equal(message.Size, content.Length);
        return text;
    }

    public static Settlement Delivered(int index = 0) => new(index, DeliveryOutcome.From(new SmtpReply(250, "2.0.0", "Ok")));

    public static Settlement Failed(int index = 0) => new(index, DeliveryOutcome.From(new SmtpReply(550, "5.1.1", "No such user")));

    public Settlement Deferred(int index = 0, double minutes = 5, bool notified = false) =>
        new(index, DeliveryOutcome.From(new SmtpReply(450, "4.2.0", "Greylisted")), Clock.GetUtcNow().AddMinutes(minutes), notified);

    /// <summary>What is in the log of a folder, by id: opened by itself, without the waits for a real disk.</summary>
    internal async Task<Dictionary<string, string>> ContentsAsync(string? folder = null)
    {
        using var disk = new PowerCutDisk();
        await using var queue = await LogQueue.OpenAsync(folder ?? Folder, 0, Faults, new FakeTimeProvider(Clock.GetUtcNow().AddYears(1)), disk, Settings, Ended);
        var contents = new Dictionary<string, string>();
        foreach (var message in await ClaimAllAsync(queue)) contents.Add(message.Id, await ReadAsync(message));
        Assert.Equal(queue.Count, contents.Count);
        return contents;
    }

    /// <summary>Waits for a condition; the bound is for a machine that does other things too.</summary>
    public static async Task UntilAsync(Func<bool> condition)
    {
        for (var i = 0; !condition(); i++)
        {
            Assert.True(i < 3000, "It did not happen within 30 seconds.");
            await Task.Delay(10, Ended);
        }
    }

    public void Dispose() => _temporary.Delete(recursive: true);
}

/// <summary>The faults that were reported.</summary>
internal sealed class FaultList : IMailTrace
{
    private readonly List<Exception> _faults = [];

    /// <summary>Where the last one was.</summary>
    public string LastWhere { get; private set; } = "";

    public IReadOnlyList<Exception> All
    {
        get
        {
            lock (_faults) return [.. _faults];
        }
    }

    public void Record(SmtpRelayTrackingEvent step)
    {
    }

    public void Fault(string where, Exception exception)
    {
        lock (_faults)
        {
            LastWhere = where;
            _faults.Add(exception);
        }
    }
}
