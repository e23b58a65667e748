using System.Text;
using MailOps.Web;

namespace MailOps.Core.Tests.Authentication;

/// <summary>What is JSON, and what only looks like it.</summary>
public sealed class JsonFieldsTests
{
    [Theory]
    [InlineData("""{"a":"b"}""", "b", "b")]
    [InlineData(" { \"x\" : [1, {\"a\":\"inner\"}, []], \"a\" : \"\\u00e4\\n\\/\\\"\\\\\" } \r\n", "ä\n/\"\\", "ä\n/\"\\")]
    [InlineData("""{"a":3600}""", null, "3600")]
    [InlineData("""{"a":-1.5e+3}""", null, "-1.5e+3")]
    [InlineData("""{"a":true,"b":null}""", null, "true")]
    [InlineData("""{"a":"first","a":"last"}""", "last", "last")]
    [InlineData("""{"a":"first","a":{}}""", null, null)]
    [InlineData("""{"a":"\ud83d\ude00"}""", "😀", "😀")]
    [InlineData("[]", null, null)]
    [InlineData("{}", null, null)]
    [InlineData("\"a\"", null, null)]
    [InlineData("""{"a":[[[[[[[1]]]]]]]}""", null, null)]
    public void Values_are_read(string json, string? text, string? value)
    {
        var fields = JsonFields.Read(Encoding.UTF8.GetBytes(json));
        Assert.NotNull(fields);
        Assert.Equal((text, value), (fields.Text("a"), fields.Value("a")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("""{"a":"b"}x""")]
    [InlineData("""{"a":"b",}""")]
    [InlineData("""{"a" "b"}""")]
    [InlineData("""{a:"b"}""")]
    [InlineData("""{"a":'b'}""")]
    [InlineData("""{"a":01}""")]
    [InlineData("""{"a":+1}""")]
    [InlineData("""{"a":tru}""")]
    [InlineData("""{"a":"b""")]
    [InlineData("""{"a":"\x"}""")]
    [InlineData("""{"a":"\u12"}""")]
    [InlineData("""{"a":"\u 123"}""")]
    [InlineData("""{"a":"\ud800"}""")]
    [InlineData("{\"a\":\"line\nbreak\"}")]
    [InlineData("[1,]")]
    [InlineData("""{"a":[[[[[[[[1]]]]]]]]}""")]
    public void What_is_not_JSON_is_not_read(string json) => Assert.Null(JsonFields.Read(Encoding.UTF8.GetBytes(json)));

    [Fact]
    public void Bytes_that_are_no_text_are_not_read() => Assert.Null(JsonFields.Read([.. "{\"a\":\""u8, 0xFF, .. "\"}"u8]));

    [Fact]
    public void What_is_cut_anywhere_is_not_read()
    {
        const string Json = """{"a":["b",{"c":-1.5e3}],"d":"\u00e4\\"}""";
        for (var i = 0; i < Json.Length; i++) Assert.Null(JsonFields.Read(Encoding.UTF8.GetBytes(Json[..i])));
    }

    [Fact]
    public void What_is_written_is_read_again()
    {
        const string Odd = "ä\"\\\n\u0001😀/";
        var fields = JsonFields.Read(Encoding.UTF8.GetBytes(JsonFields.Write([new("a", Odd), new("b", 42L)])));
        Assert.Equal((Odd, "42"), (fields!.Text("a"), fields.Value("b")));
    }
}
