using MailOps.Relay.Configuration;

namespace MailOps.Relay.Tests.Configuration;

public sealed class SecretsTests
{
    [Fact]
    public void A_secret_comes_from_the_first_line_of_its_file()
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, "geheim ı\nsecond line\n");
            Assert.Equal("geheim ı", Secrets.Resolve(new SecretReference { File = file }));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void A_secret_comes_from_the_environment()
    {
        Environment.SetEnvironmentVariable("MAILOPS_TEST_SECRET", "hush");
        Assert.Equal("hush", Secrets.Resolve(new SecretReference { EnvironmentVariable = "MAILOPS_TEST_SECRET" }));
    }

    [Fact]
    public void A_secret_that_is_nowhere_is_an_error_that_names_the_place()
    {
        Assert.Contains("MAILOPS_NOT_SET", Fails(new SecretReference { EnvironmentVariable = "MAILOPS_NOT_SET" }), StringComparison.Ordinal);
        Assert.Contains("/nowhere/secret", Fails(new SecretReference { File = "/nowhere/secret" }), StringComparison.Ordinal);
        Assert.Contains("neither", Fails(new SecretReference()), StringComparison.Ordinal);
    }

    [Fact]
    public void A_reference_never_shows_its_value()
    {
        using var value = new System.Security.SecureString();
        foreach (var c in "hush") value.AppendChar(c);
        var reference = new SecretReference { Value = value };
        Assert.Equal("hush", Secrets.Resolve(reference));
        Assert.DoesNotContain("hush", reference.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("hush", new RelayUserOptions { Name = "u", Password = reference }.ToString(), StringComparison.Ordinal);
    }

    private static string Fails(SecretReference reference)
    {
        var error = Assert.Throws<MailOpsException>(() => Secrets.Resolve(reference));
        Assert.Equal(ErrorCode.RelayConfigurationInvalid, error.Code);
        return error.Message;
    }
}
