using MailOps.Policies;

namespace MailOps.Core.Tests.Policies;

public sealed class TlsRptRecordTests
{
    [Fact]
    public void All_places_count_in_their_order_whichever_field_names_them() =>
        Assert.Equal(
            ["mailto:a@x.example", "https://x.example/v1?key=5", "mailto:b%21c@x.example"],
            TlsRptRecord.Parse("v=TLSRPTv1;rua=mailto:a@x.example ,https://x.example/v1?key=5; x=y; rua=mailto:b%21c@x.example").Value!.Uris);

    [Theory]
    [InlineData("v=TLSRPTv1; rua=mailto:a@x.example, mailto:b!c@x.example", "line 1, character 36: 'mailto:b!c@x.example' is no URI")]
    [InlineData("v=TLSRPTv1; rua=https://", "line 1, character 17: 'https://' is no URI")]
    [InlineData("v=TLSRPTv1; rua=mailto:", "line 1, character 17: 'mailto:' is no URI")]
    [InlineData("v=TLSRPTv1; rua=mailto:ä@x.example", "line 1, character 17: 'mailto:ä@x.example' is no URI")]
    [InlineData("v=TLSRPTv1; x=y", "there is no rua")]
    public void A_fault_has_its_place(string text, string fault) => Assert.Equal(fault, TlsRptRecord.Parse(text).Fault!.ToString());

    [Fact]
    public void Two_records_are_none()
    {
        Assert.Equal(new PolicyReading<TlsRptRecord>(null, null), TlsRptRecord.Choose(["v=TLSRPTv2; rua=mailto:a@x.example"]));
        Assert.NotNull(TlsRptRecord.Choose(["v=TLSRPTv1; rua=mailto:a@x.example", "v=TLSRPTv1; rua=mailto:b@x.example"]).Fault);
        Assert.Equal("_smtp._tls.example.com", TlsRptRecord.NameFor("example.com"));
    }
}
