using System.Text;
using MailOps.Submission;

namespace MailOps.Core.Tests.Submission;

public sealed class TranscriptFileTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mailops-");

    private string At => Path.Combine(_folder.FullName, "talk.txt");

    public void Dispose() => _folder.Delete(recursive: true);

    // Elsewhere than on Windows two could write, each over what the other has written.
    [Fact]
    public void One_call_at_a_time_writes_to_a_file_which_others_may_read()
    {
        using (var first = new TranscriptFile(At))
        {
            first.Add("one");
            var error = Assert.Throws<MailOpsException>(() => new TranscriptFile(At));
            Assert.Equal(ErrorCode.FileUnwritable, error.Code);
            Assert.Contains("no other call writes to it", error.Hint, StringComparison.Ordinal);
            first.Add("two");
            using var reader = new StreamReader(new FileStream(At, FileMode.Open, FileAccess.Read, FileShare.ReadWrite), Encoding.UTF8);
            Assert.Equal(2, reader.ReadToEnd().Count(c => c == '\n'));
        }
        using (var next = new TranscriptFile(At)) next.Add("three");

        Assert.Equal(["one", "two", "three"], File.ReadAllLines(At).Select(line => line.Split(' ')[1]));
        Assert.Equal([At], Directory.GetFiles(_folder.FullName));
    }

    [Fact]
    public void A_file_that_cannot_be_written_leaves_nothing_behind()
    {
        Directory.CreateDirectory(At);
        Assert.Equal(ErrorCode.FileUnwritable, Assert.Throws<MailOpsException>(() => new TranscriptFile(At)).Code);
        Assert.Empty(Directory.GetFiles(_folder.FullName));
    }
}
