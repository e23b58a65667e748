using System.Runtime.InteropServices;
using MailOps.Relay.Disk;
using MailOps.Relay.Mail;

namespace MailOps.Relay.Queue;

/// <summary>
/// Group commit. One thread takes everything that has been handed over, writes it with one write, flushes once, makes it true in memory, and only then
/// answers all who wait; what is handed over meanwhile is the next group. The slower the disk, the larger the groups.
/// </summary>
/// <remarks>
/// When a write fails, acceptances are refused (their senders keep the message). Settlements cannot be refused, because the mail has gone out: they are kept
/// and written again, first, until they are durable. What an administrator asks for is refused like an acceptance: he is there to ask again.
/// Those who wait are answered on the writer's thread, one after the other: what they do before they wait for something else (send a reply, begin the next
/// message) holds up the next group, so they must not block. It costs less than waking another thread for each.
/// </remarks>
internal sealed class LogWriter
{
    private readonly object _gate = new();
    private readonly SegmentLog _log;
    private readonly QueueIndex _index;
    private readonly Compaction _compaction;
    private readonly ContentFolder _contents;
    private readonly IMailTrace _trace;
    private readonly TimeSpan _retryAfter;
    private readonly ITimer _retry;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<LogRecord> _kept = [];
    private List<LogRecord> _waiting = [];
    private List<LogRecord> _group = [];
    private Exception? _failure;
    private bool _retryDue;
    private volatile bool _closing;

    public LogWriter(SegmentLog log, QueueIndex index, Compaction compaction, ContentFolder contents, IMailTrace trace, TimeProvider clock, TimeSpan retryAfter)
    {
        (_log, _index, _compaction, _contents, _trace, _retryAfter) = (log, index, compaction, contents, trace, retryAfter);
        _retry = clock.CreateTimer(static writer => ((LogWriter)writer!).RetryNow(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        new Thread(Run) { IsBackground = true, Name = "MailOps queue writer" }.Start();
    }

    /// <summary>What the disk said to the last write; null where it took it.</summary>
    public Exception? Failure => Volatile.Read(ref _failure);

    /// <summary>Whether it takes nothing more: it was closed, or has come to grief.</summary>
    public bool IsClosing => _closing;   // asked for each message: without the lock, for which the writer waits too

    /// <summary>Hands a record over; the task completes when it is durable (null), or will never be (why).</summary>
    public Task<Exception?> AppendAsync(LogRecord record)
    {
        Append([record]);
        return record.Done;
    }

    /// <summary>Hands records over that are to be one group.</summary>
    public void Append(ReadOnlySpan<LogRecord> records)
    {
        lock (_gate)
        {
            if (!_closing)
            {
                _waiting.AddRange(records);
                Monitor.Pulse(_gate);
                return;
            }
        }
        foreach (var record in records) Refuse(record, new ObjectDisposedException(nameof(LogQueue)));
    }

    /// <summary>Takes nothing more, writes what waits, and ends the thread.</summary>
    public async Task CloseAsync()
    {
        lock (_gate)
        {
            _closing = true;
            _retryDue = true;   // one last time
            Monitor.Pulse(_gate);
        }
        await _ended.Task.ConfigureAwait(false);
        await _retry.DisposeAsync().ConfigureAwait(false);
    }

    private void Run()
    {
        try
        {
            while (TakeGroup()) WriteGroup();
            foreach (var record in _kept) record.Complete(_failure);
        }
        catch (Exception exception)   // the edge of the thread: beyond it the whole process would end
        {
            _trace.Fault("queue, writer", exception);
            lock (_gate) _closing = true;
            foreach (var record in _kept.Concat(_group).Concat(_waiting)) record.Complete(exception);
        }
        finally
        {
            _ended.SetResult();
        }
    }

    /// <summary>Waits for something to do; false when there is nothing and the queue closes.</summary>
    private bool TakeGroup()
    {
        _group.Clear();
        Thread.Yield();   // whoever is about to hand something over goes first: a flush costs the same for one record and for many
        lock (_gate)
        {
            while (_waiting.Count == 0 && !_retryDue && !_closing && !CompactionIsDue) Monitor.Wait(_gate);
            if (_closing && _waiting.Count == 0 && !(_retryDue && _kept.Count > 0)) return false;
            (_waiting, _group) = (_group, _waiting);
            _retryDue = false;
        }
        _group.InsertRange(0, _kept);
        if (!_closing && _kept.Count == 0 && CompactionIsDue) _group.InsertRange(0, _compaction.Next());
        _kept.Clear();
        return true;
    }

    // While the disk fails nothing is copied: it would only fail again, and at once.
    private bool CompactionIsDue => _failure is null && _compaction.IsDue;

    private void WriteGroup()
    {
        var records = CollectionsMarshal.AsSpan(_group);
        while (!records.IsEmpty)
        {
            int written;
            try
            {
                written = _log.Append(records);
            }
            catch (LogWriteException exception)
            {
                Fail(records, exception);
                return;
            }
            _failure = null;
            Finish(records[..written]);
            records = records[written..];
        }
    }

    private void Finish(ReadOnlySpan<LogRecord> durable)
    {
        _index.Apply(durable);
        foreach (var record in durable) record.Complete(null);
        foreach (var record in durable)
        {
            if (record.Leaving is { InFile: true } leaving) Delete(() => DeleteContent(leaving));
        }
        Delete(_log.DeleteDead);
    }

    private void DeleteContent(QueueEntry done)
    {
        if (done.ContentIsDamaged) _contents.PutAside(done.Id);
        else _contents.Delete(done.Id);
    }

    /// <summary>Each by itself: one that cannot be deleted keeps no other.</summary>
    private void Delete(Action what)
    {
        try
        {
            what();
        }
        catch (Exception exception) when (DiskFault.Is(exception))
        {
            _trace.Fault("queue, deleting what is done; the next start will", exception);
        }
    }

    private void Fail(ReadOnlySpan<LogRecord> records, LogWriteException exception)
    {
        if (_failure is null) _trace.Fault("queue, writing; new mail is refused for now", exception.InnerException!);
        _failure = exception.InnerException!;
        foreach (var record in records)
        {
            if (record.IsOwed) _kept.Add(record);
        }
        var refused = new List<LogRecord>();
        foreach (var record in records)
        {
            if (!record.IsOwed && record.Type is RecordType.Accepted or RecordType.Changed) refused.Add(record);
        }
        if (exception.MayBeOnDisk) _kept.AddRange(refused.Select(TakenBack));
        _compaction.Restart();
        if (_kept.Count > 0) _retry.Change(_retryAfter, Timeout.InfiniteTimeSpan);
        foreach (var record in refused)
        {
            if (exception.MayBeOnDisk) record.Complete(_failure);
            else Refuse(record, _failure);
        }
    }

    /// <summary>Says that a record is not on disk, and will not be.</summary>
    private void Refuse(LogRecord record, Exception why)
    {
        if (record is { Type: RecordType.Accepted, Entry.InFile: true }) DiskFault.Ignored(() => _contents.Delete(record.Id));   // otherwise the next start drops it
        record.Complete(why);
    }

    private static LogRecord TakenBack(LogRecord refused) =>
        refused.Change is { } change ? LogRecord.Changed(refused.Entry!, change.Inverse(refused.Entry!), owed: true) : LogRecord.TakenBack(refused);

    private void RetryNow()
    {
        lock (_gate)
        {
            _retryDue = true;
            Monitor.Pulse(_gate);
        }
    }
}
