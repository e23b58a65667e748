#:package MailKit
#:property PublishAot=false
#:property RunAnalyzers=false
#:property TreatWarningsAsErrors=false
#:property Optimize=true
// What Send-SmtpMessage is compared with: a loop over MailKit as one writes it by hand, and System.Net.Mail.SmtpClient. Arguments: mailkit or netmail, port, messages, connections, bytes, messages to
// warm up with. Prints "result" and the seconds.
using System.Diagnostics;
using System.Globalization;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;

var (port, count, connections, bytes, warm) = (Number(1), Number(2), Number(3), Number(4), Number(5));
var body = string.Concat(Enumerable.Repeat(new string('x', 70) + "\r\n", (bytes / 72) + 1))[..bytes];
Func<int, Task> run = args[0] == "mailkit" ? MailKitAsync : NetMailAsync;
await run(warm);
var clock = Stopwatch.StartNew();
await run(count);
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"result {clock.Elapsed.TotalSeconds}"));

int Number(int i) => int.Parse(args[i], CultureInfo.InvariantCulture);

// Each connection takes the next number until there is none.
async Task MailKitAsync(int messages)
{
    var next = 0;
    await Task.WhenAll(Enumerable.Range(0, connections).Select(_ => Task.Run(async () =>
    {
        using var client = new MailKit.Net.Smtp.SmtpClient();
        await client.ConnectAsync("127.0.0.1", port, SecureSocketOptions.None);
        while (Interlocked.Increment(ref next) is var number && number <= messages)
        {
            using var message = new MimeMessage { Subject = "Message " + number, Body = new TextPart("plain") { Text = body } };
            message.From.Add(new MailboxAddress("", "from@x.test"));
            message.To.Add(new MailboxAddress("", $"to{number}@x.test"));
            await client.SendAsync(message);
        }
        await client.DisconnectAsync(true);
    })));
}

async Task NetMailAsync(int messages)
{
    var next = 0;
    await Task.WhenAll(Enumerable.Range(0, connections).Select(_ => Task.Run(async () =>
    {
        using var client = new System.Net.Mail.SmtpClient("127.0.0.1", port);
        while (Interlocked.Increment(ref next) is var number && number <= messages)
        {
            using var message = new System.Net.Mail.MailMessage("from@x.test", $"to{number}@x.test", "Message " + number, body);
            await client.SendMailAsync(message);
        }
    })));
}
