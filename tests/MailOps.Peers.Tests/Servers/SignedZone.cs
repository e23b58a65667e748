using MailOps.Peers.Tests.Running;

namespace MailOps.Peers.Tests.Servers;

/// <summary>A zone that ldns signs (DNSSEC, ECDSA P-256), for <see cref="Unbound"/> to validate.</summary>
/// <param name="Name">Its name, as in <c>signed.test</c>.</param>
/// <param name="File">The zone file.</param>
/// <param name="Anchor">The file of its DS record; null for a zone that nobody has signed.</param>
internal sealed record SignedZone(string Name, string File, string? Anchor)
{
    /// <summary>Writes a zone that is not signed.</summary>
    public static SignedZone Plain(TestFolder folder, string name, params string[] records) => new(name, folder.Write($"{name}.zone", Text(name, records)), null);

    /// <summary>Writes a zone and signs it.</summary>
    public static async Task<SignedZone> SignAsync(TestFolder folder, string name, params string[] records)
    {
        var (keygen, sign) = (Installed.Program("ldns-keygen", "ldnsutils"), Installed.Program("ldns-signzone", "ldnsutils"));
        var plain = Plain(folder, name, records);
        // ldns writes keys into the folder it is started in.
        var key = await RunAsync("/bin/sh", ["-c", "cd \"$1\" && exec \"$2\" -a ECDSAP256SHA256 -k \"$3\"", "sh", folder.Location, keygen, name]);
        key = folder.At(key.Trim().Split('\n')[^1]);
        var signed = folder.At($"{name}.signed");
        await RunAsync(sign, ["-o", name, "-f", signed, plain.File, key]);
        return new SignedZone(name, signed, key + ".ds");
    }

    /// <summary>The zone with something changed after it was signed: nobody who validates believes that any more.</summary>
    public SignedZone Forged(string text, string other)
    {
        var content = System.IO.File.ReadAllText(File);
        Assert.Contains(text, content, StringComparison.Ordinal);
        System.IO.File.WriteAllText(File, content.Replace(text, other, StringComparison.Ordinal));
        return this;
    }

    private static string Text(string name, string[] records) => $"""
        $ORIGIN {name}.
        $TTL 300
        @ SOA ns.{name}. root.{name}. 1 3600 600 86400 300
        @ NS ns.{name}.
        ns A 127.0.0.1
        {string.Join('\n', records)}

        """;

    private static async Task<string> RunAsync(string program, string[] arguments)
    {
        var (exitCode, output) = await ChildProcess.RunAsync(program, arguments);
        Assert.True(exitCode == 0, output);
        return output;
    }
}
