using System.Text;
using MailOps.Relay.Mail;

namespace MailOps.Relay.Queue;

/// <summary>What a moved record says of the message as it is now, behind the recipients' progress: fields with a tag and a length each, in a block with a length.</summary>
/// <param name="Hold">What an administrator said of it.</param>
/// <param name="Redirect">Where an administrator sends it, or null.</param>
internal readonly record struct MessageExtensions(MessageHold Hold, string? Redirect)
{
    // These numbers are on disk: none is ever used for something else.
    private const uint HoldTag = 1;
    private const uint RedirectTag = 2;

    public static void Write(FieldWriter fields, QueueEntry entry)
    {
        if (entry is { Hold: MessageHold.None, Redirect: null })
        {
            fields.Bytes([]);
            return;
        }
        var block = new FieldWriter(48);
        if (entry.Hold != MessageHold.None) block.Tagged(HoldTag, [(byte)entry.Hold]);
        if (entry.Redirect is { } redirect) block.Tagged(RedirectTag, Encoding.UTF8.GetBytes(redirect));
        fields.Bytes(block.Fields);
    }

    public static MessageExtensions Read(ReadOnlySpan<byte> block)
    {
        MessageExtensions found = default;
        for (var fields = new FieldReader(block); !fields.AtEnd;)
        {
            var tag = (uint)fields.Number();
            var value = fields.Bytes();
            found = tag switch
            {
                HoldTag => found with { Hold = ChangeFields.Known(new FieldReader(value).Byte()) },
                RedirectTag => found with { Redirect = Encoding.UTF8.GetString(value) },
                _ => found,
            };
        }
        return found;
    }
}
