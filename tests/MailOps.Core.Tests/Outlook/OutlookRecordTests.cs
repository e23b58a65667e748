using System.Globalization;
using MailOps.Outlook;

namespace MailOps.Core.Tests.Outlook;

/// <summary>Rows of a file.</summary>
public sealed class OutlookRecordTests : IDisposable
{
    private readonly OutlookScene _scene = new();

    public void Dispose() => _scene.Dispose();

    [Fact]
    public void Of_a_thousand_rows_the_good_ones_are_applied_each_bad_one_is_named_and_a_second_run_writes_nothing()
    {
        for (var i = 1; i <= 40; i++) _scene.Add(i.ToString("X8", CultureInfo.InvariantCulture), $"u{i * 20}@a.test", i % 2 == 0 ? OutlookScene.Pop3 : OutlookScene.Imap);
        var rows = Enumerable.Range(1, 1000).Select(Row).ToArray();
        var errors = new List<string>();
        var first = Apply(rows, errors);
        Assert.Equal((1000, 38, 0, 953, 9), (first.Records, first.Changed, first.Unchanged, first.NotHere, first.Failed));
        Assert.Equal(
            [
                "Row 7 (): ", "Row 20 (u20@a.test): ", "Row 40 (u40@a.test): ", "Row 111 (no address): ", "Row 222 (u222@a.test): ", "Row 333 (u333@a.test): ", "Row 444 (u444@a.test): ", "Row 555 (u555@a.test): ",
                "Row 666 (u666@a.test): ",
            ],
            errors.Select(error => error[..(error.IndexOf(')', StringComparison.Ordinal) + 3)]));
        Assert.Contains("'58x' is no number", errors[1], StringComparison.Ordinal);
        Assert.Contains("'Sometimes'", errors[4], StringComparison.Ordinal);
        Assert.DoesNotContain(string.Concat(errors), char.IsControl);
        Assert.Equal(1, first.ExitCode);
        Assert.Equal(errors.Count, first.Results.Count(result => result.Status == OutlookChangeStatus.Failed && result.RecordNumber > 0 && result.Reason.Length > 0));
        var (after, changes) = (_scene.Registry.Dump(), _scene.Registry.Changes);
        var second = Apply(rows, []);
        Assert.Equal((0, 38, null), (second.Changed, second.Unchanged, second.BackupPath));
        Assert.Equal((after, changes), (_scene.Registry.Dump(), _scene.Registry.Changes));
    }

    [Theory]
    [InlineData("SSL", OutlookEncryption.ImplicitTls)]
    [InlineData("ssl/tls", OutlookEncryption.ImplicitTls)]
    [InlineData("Implicit", OutlookEncryption.ImplicitTls)]
    [InlineData("STARTTLS", OutlookEncryption.StartTls)]
    [InlineData(" none ", OutlookEncryption.None)]
    [InlineData("", null)]
    public void Encryption_is_taken_in_the_words_that_people_use(string text, OutlookEncryption? expected) => Assert.Equal(expected, OutlookRecord.Of(1, [new("Encryption", text)]).Settings().Encryption);

    [Fact]
    public void Columns_have_other_names_too_and_a_mistyped_one_is_told()
    {
        var record = OutlookRecord.Of(1, [new("Mail", "a@a.test"), new("Server", "s.test"), new("SmtpPort", "465"), new("Department", "x"), new("Port", "1"), new("OutlookVersion", "16"), new("Spa", "no")]);
        Assert.Equal(("a@a.test", "16.0"), (record.Target().EmailAddress, record.Target().OutlookVersion));
        Assert.Equal(new OutlookSettings { SmtpServer = "s.test", Port = 465, Spa = false }, record.Settings());
        Assert.Equal(["The column 'Encrypton' is not known, and is not used; the nearest known one is 'Encryption'."], OutlookRecord.Mistyped(["Mail", "Encrypton", "Department", "Title", "encryption"]));
    }

    [Fact]
    public void Names_are_columns_too_and_what_is_a_parameter_alone_is_told()
    {
        var record = OutlookRecord.Of(1, [new("EmailAddress", "a@a.test"), new("DisplayName", "Ada L."), new("ReplyTo", "r@a.test"), new("organization", "Analytical")]);
        Assert.Equal(new OutlookSettings { DisplayName = "Ada L.", ReplyTo = "r@a.test", Organization = "Analytical" }, record.Settings());
        var told = OutlookRecord.Mistyped(["DisplayName", "ReplyTo", "Organization", "UserSid", "summary", "RemoveStalePassword", "Strict", "IncludeIncoming"]).ToArray();
        Assert.Equal(["Summary", "RemoveStalePassword", "Strict", "IncludeIncoming"], told.Select(text => text.Split('\'')[1]));
        Assert.All(told, text => Assert.Contains("parameter", text, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("OutlookVersion", "2019")]
    [InlineData("OutlookVersion", "17")]
    [InlineData("OutlookVersion", "16.0.1")]
    [InlineData("AccountKey", "0.00E+00")]
    [InlineData("AccountKey", "000000001")]
    [InlineData("AccountKey", "1g")]
    [InlineData("EmailAddress", "a@*.test")]
    public void An_identity_that_is_none_is_wrong_and_not_elsewhere(string column, string text)
    {
        _scene.Add("00000001", "a@a.test");
        var errors = new List<string>();
        var run = Apply([[new("EmailAddress", column == "EmailAddress" ? null : "a@a.test"), new(column, text), new("Port", "2525")]], errors);
        Assert.Equal((1, 0, 1), (run.Failed, run.NotHere, run.ExitCode));
        Assert.Contains(text, Assert.Single(errors), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("OutlookVersion", "16")]
    [InlineData("OutlookVersion", "16,0")]
    [InlineData("OutlookVersion", "16.0")]
    [InlineData("AccountKey", "1")]
    [InlineData("AccountKey", "00000001")]
    public void An_identity_as_Excel_leaves_it_is_understood(string column, string text)
    {
        _scene.Add("00000001", "a@a.test");
        _scene.Add("00000002", "a@a.test", version: "15.0");
        Assert.Equal(1, Apply([[new("EmailAddress", "a@a.test"), new(column, text), new("Port", "2525")]], []).Changed);
    }

    [Theory]
    [InlineData("*@a.test", null, 0)]
    [InlineData("?@a.test", null, 0)]
    [InlineData("A@a.test", null, 2)]
    [InlineData("a@a.test", "O*", 0)]
    [InlineData("a@a.test", "outlook", 1)]
    [InlineData("a*b@a.test", null, 1)]
    public void A_row_means_the_account_that_it_names_and_no_other(string address, string? profile, int changed)
    {
        _scene.Add("00000001", "a@a.test");
        _scene.Add("00000002", "b@a.test");
        _scene.Add("00000003", "a*b@a.test");
        _scene.Add("00000004", "acb@a.test");
        _scene.Add("00000001", "a@a.test", profile: "Office");
        Assert.Equal(changed, Apply([[new("EmailAddress", address), new("ProfileName", profile), new("Port", "2525")]], []).Changed);
    }

    [Fact]
    public void A_profile_that_is_given_for_all_rows_counts_before_their_own_and_may_have_wildcards()
    {
        _scene.Add("00000001", "a@a.test");
        _scene.Add("00000001", "a@a.test", profile: "Office");
        using var run = new OutlookRun(_scene.Host, null, null, force: false);
        var target = OutlookRecord.Of(1, [new("EmailAddress", "a@a.test"), new("ProfileName", "Outlook")]).Target() with { ProfileName = "Off*" };
        Assert.Equal("Office", Assert.Single(run.Plan(target, new OutlookSettings { Port = 2525 })).Account.Profile);
    }

    [Fact]
    public void A_file_of_another_delimiter_is_told_and_how_to_read_it()
    {
        Assert.Contains("-Delimiter ';'", Assert.Single(OutlookRecord.Mistyped(["EmailAddress;SmtpServer;Port"])), StringComparison.Ordinal);
        Assert.Contains("-Delimiter \"`t\"", Assert.Single(OutlookRecord.Mistyped(["EmailAddress\tPort"])), StringComparison.Ordinal);
        Assert.Contains("'Server'", Assert.Single(OutlookRecord.Mistyped(["Servr"])), StringComparison.Ordinal);
    }

    [Fact]
    public void A_domain_is_the_same_in_both_of_its_forms()
    {
        _scene.Add("00000001", "ada@bücher.test");
        _scene.Add("00000002", "bob@xn--bcher-kva.test");
        var run = Apply([[new("EmailAddress", "ada@xn--bcher-kva.test"), new("Port", "2525")], [new("EmailAddress", "bob@BÜCHER.test"), new("Port", "2525")]], []);
        Assert.Equal((2, 0), (run.Changed, run.NotHere));
    }

    [Fact]
    public void When_only_Outlook_that_runs_is_in_the_way_deployment_tools_try_again()
    {
        _scene.Add("00000001", "a@a.test");
        _scene.Host.Processes[FakeOutlookHost.OwnSid] = [1];
        Assert.Equal((1, 1618), (Apply([[new("EmailAddress", "a@a.test"), new("Port", "2525")]], []).Failed, Apply([[new("EmailAddress", "a@a.test"), new("Port", "2525")]], []).ExitCode));
        Assert.Equal(1, Apply([[new("EmailAddress", "a@a.test"), new("Port", "2525")], [new("EmailAddress", "x")]], []).ExitCode);
        _scene.Host.Processes.Clear();
        var busy = new OutlookTally();
        busy.AddFailure(new MailOpsException(ErrorCode.OutlookBusy, "Another run.", "Wait."));
        Assert.Equal(1618, busy.Summary("", null).ExitCode);
        Assert.Equal(0, Apply([[new("EmailAddress", "b@a.test"), new("Port", "2525")]], []).ExitCode);
    }

    private static KeyValuePair<string, string?>[] Row(int number) =>
    [
        new("EmailAddress", number switch { 7 => null, 111 => "no address", 666 => "u666@a.test", _ => $"u{number}@a.test" }),
        new("SmtpServer", number switch { 40 => "not a server", 333 => "a\u001b.test", _ => "smtp.new.test" }),
        new("Port", number switch { 20 => "58x", 444 => "65536", _ => "" }),
        new("Encryption", number == 222 ? "Sometimes" : "StartTls"),
        new("Authentication", "SameAsIncoming"),
        new("UserName", number == 555 ? "u" : ""),
        new("AccountType", number == 666 ? "Exchange" : null),
    ];

    // As Set-OutlookSmtpProfile goes through its records.
    private OutlookChangeSummary Apply(KeyValuePair<string, string?>[][] rows, List<string> errors)
    {
        var tally = new OutlookTally();
        using var run = new OutlookRun(_scene.Host, null, null, force: false);
        for (var i = 0; i < rows.Length; i++)
        {
            tally.AddRecord();
            var record = OutlookRecord.Of(i + 1, rows[i]);
            try
            {
                var tasks = run.Plan(record.Target(), record.Settings(), provider: null, record.Number);
                if (tasks.Count == 0) tally.AddNotHere();
                foreach (var result in tasks.Select(run.Apply))
                {
                    tally.Add(result);
                    if (result.ErrorId is not null) errors.Add(record.Located(new MailOpsException(result.ErrorId, result.Reason, result.Advice)).Message);
                }
            }
            catch (MailOpsException e)
            {
                tally.AddFailure(e, record.EmailAddress, record.Number);
                errors.Add(record.Located(e).Message);
            }
        }
        return tally.Summary(run.UserSid, run.BackupPath);
    }
}
