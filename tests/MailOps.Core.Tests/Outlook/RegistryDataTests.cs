using System.Text;
using MailOps.Outlook;

namespace MailOps.Core.Tests.Outlook;

public sealed class RegistryDataTests
{
    [Theory]
    [InlineData("a@b.test", RegistryDataKind.Text)]
    [InlineData("a@b.test", RegistryDataKind.Binary)]
    [InlineData("", RegistryDataKind.Text)]
    [InlineData("ışİğ 😀", RegistryDataKind.Binary)]
    public void A_text_is_UTF_16_with_its_NUL_in_both_kinds(string text, RegistryDataKind kind)
    {
        var data = RegistryData.OfText(text, kind);
        Assert.Equal((kind, text), (data.Kind, data.AsText()));
        Assert.Equal(Encoding.Unicode.GetBytes(text + "\0"), data.ToArray());
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("61", "")]
    [InlineData("6100", "a")]
    [InlineData("61000000", "a")]
    [InlineData("6100000000000000", "a")]
    [InlineData("610000", "a")]
    [InlineData("6100620063", "ab")]
    [InlineData("00006100", "\0a")]
    [InlineData("1b000a00", "\u001b\n")]
    public void Texts_of_any_bytes_are_read(string bytes, string text)
    {
        foreach (var kind in (RegistryDataKind[])[RegistryDataKind.Text, RegistryDataKind.ExpandText, RegistryDataKind.Binary])
            Assert.Equal(text, new RegistryData(kind, Convert.FromHexString(bytes)).AsText());
    }

    [Fact]
    public void Half_a_character_stays_as_it_is() => Assert.Equal("\ud83d", new RegistryData(RegistryDataKind.Text, [0x3d, 0xd8, 0, 0]).AsText());

    [Theory]
    [InlineData("4b020000", 587)]
    [InlineData("ffffffff", -1)]
    [InlineData("00000080", int.MinValue)]
    public void A_number_is_read_from_its_four_bytes(string bytes, int number)
    {
        Assert.Equal(number, new RegistryData(RegistryDataKind.Number, Convert.FromHexString(bytes)).AsNumber());
        Assert.Equal(bytes, Convert.ToHexStringLower(RegistryData.OfNumber(number).ToArray()));
    }

    [Theory]
    [InlineData(RegistryDataKind.Number, "4b0200")]
    [InlineData(RegistryDataKind.Number, "4b02000000")]
    [InlineData(RegistryDataKind.Number, "")]
    [InlineData(RegistryDataKind.Binary, "4b020000")]
    [InlineData((RegistryDataKind)11, "4b02000000000000")]
    public void What_is_no_number_is_none(RegistryDataKind kind, string bytes) => Assert.Null(new RegistryData(kind, Convert.FromHexString(bytes)).AsNumber());

    [Theory]
    [InlineData(RegistryDataKind.Number)]
    [InlineData(RegistryDataKind.None)]
    [InlineData((RegistryDataKind)7)]
    [InlineData((RegistryDataKind)(-1))]
    public void What_is_no_text_is_none(RegistryDataKind kind) => Assert.Null(new RegistryData(kind, [97, 0]).AsText());

    [Fact]
    public void Two_are_the_same_by_kind_and_bytes()
    {
        var data = RegistryData.OfText("a");
        Assert.Equal(data, new RegistryData(RegistryDataKind.Text, data.ToArray()));
        Assert.NotEqual(data, new RegistryData(RegistryDataKind.Binary, data.ToArray()));
        Assert.NotEqual(data, new RegistryData(RegistryDataKind.Text, [97, 0]));
        data.ToArray()[0] = 98;
        Assert.Equal("a", data.AsText());
    }

    [Fact]
    public void On_another_system_there_is_one_clear_error()
    {
        if (OperatingSystem.IsWindows()) return;
        var error = Assert.Throws<MailOpsException>(() => OutlookHost.ThisMachine());
        Assert.Equal(ErrorCode.OutlookNeedsWindows, error.Code);
        Assert.NotEmpty(error.Hint);
    }
}
