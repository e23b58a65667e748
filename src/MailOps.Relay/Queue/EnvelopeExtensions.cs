using System.Buffers.Binary;
using System.Text;
using MailOps.Relay.Mail;

namespace MailOps.Relay.Queue;

/// <summary>
/// The part of an envelope that grows: fields with a tag and a length each, in a block with a length. A reader steps over the tags it does not know, so that
/// a further field needs no new version of the format. Nothing is written for what MAIL did not say.
/// </summary>
/// <param name="RequireTls">REQUIRETLS.</param>
/// <param name="HoldUntil">HOLDFOR= or HOLDUNTIL=, in UTC ticks; 0 without.</param>
/// <param name="DeliverBy">BY=.</param>
/// <param name="Priority">MT-PRIORITY=.</param>
/// <param name="ContentChecksum">That of content in a file.</param>
/// <param name="Listener">The listener it came by; null where it came by none.</param>
/// <param name="UserName">Who brought it; null for nobody who had said.</param>
/// <param name="TlsOptional">TLS-Required: No in the header.</param>
internal readonly record struct EnvelopeExtensions(bool RequireTls, long HoldUntil, DeliverBy? DeliverBy, sbyte Priority, uint? ContentChecksum, string? Listener, string? UserName, bool TlsOptional)
{
    // These numbers are on disk: none is ever used for something else.
    private const uint RequireTlsTag = 1;
    private const uint HoldUntilTag = 2;
    private const uint DeliverByTag = 3;
    private const uint PriorityTag = 4;
    private const uint ContentChecksumTag = 5;
    private const uint ListenerTag = 6;
    private const uint UserNameTag = 7;
    private const uint TlsOptionalTag = 8;

    private const byte ReturnFlag = 1;
    private const byte TraceFlag = 2;

    public static void Write(FieldWriter fields, MailSender sender, uint? contentChecksum)
    {
        if (sender is { RequireTls: false, TlsOptional: false, HoldUntil: null, DeliverBy: null, Priority: 0, Origin: null or { Listener: null, UserName: null } } && contentChecksum is null)
        {
            fields.Bytes([]);   // without a buffer for it
            return;
        }
        var block = new FieldWriter(48);
        Span<byte> value = stackalloc byte[sizeof(long) + 1];
        if (sender.RequireTls) block.Tagged(RequireTlsTag, []);
        if (sender.HoldUntil is { } until)
        {
            BinaryPrimitives.WriteInt64LittleEndian(value, until.UtcTicks);
            block.Tagged(HoldUntilTag, value[..sizeof(long)]);
        }
        if (sender.DeliverBy is { } by)
        {
            BinaryPrimitives.WriteInt64LittleEndian(value, by.Deadline.UtcTicks);
            value[sizeof(long)] = (byte)((by.Return ? ReturnFlag : 0) | (by.Trace ? TraceFlag : 0));
            block.Tagged(DeliverByTag, value);
        }
        if (sender.Priority != 0) block.Tagged(PriorityTag, [(byte)(sbyte)sender.Priority]);
        if (contentChecksum is { } checksum)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(value, checksum);
            block.Tagged(ContentChecksumTag, value[..sizeof(uint)]);
        }
        if (sender.Origin?.Listener is { } listener) block.Tagged(ListenerTag, Encoding.UTF8.GetBytes(listener));
        if (sender.Origin?.UserName is { } user) block.Tagged(UserNameTag, Encoding.UTF8.GetBytes(user));
        if (sender.TlsOptional) block.Tagged(TlsOptionalTag, []);
        fields.Bytes(block.Fields);
    }

    public static EnvelopeExtensions Read(ReadOnlySpan<byte> block)
    {
        EnvelopeExtensions found = default;
        for (var fields = new FieldReader(block); !fields.AtEnd;)
        {
            var tag = (uint)fields.Number();
            var bytes = fields.Bytes();
            var value = new FieldReader(bytes);
            found = tag switch
            {
                RequireTlsTag => found with { RequireTls = true },
                HoldUntilTag => found with { HoldUntil = value.Int64() },
                DeliverByTag => found with { DeliverBy = ReadDeliverBy(value) },
                PriorityTag => found with { Priority = (sbyte)value.Byte() },
                ContentChecksumTag => found with { ContentChecksum = value.UInt32() },
                ListenerTag => found with { Listener = Encoding.UTF8.GetString(bytes) },
                UserNameTag => found with { UserName = Encoding.UTF8.GetString(bytes) },
                TlsOptionalTag => found with { TlsOptional = true },
                _ => found,
            };
        }
        return found;
    }

    private static DeliverBy ReadDeliverBy(FieldReader value)
    {
        var deadline = new DateTimeOffset(value.Int64(), TimeSpan.Zero);
        var flags = value.Byte();
        return new DeliverBy(deadline, (flags & ReturnFlag) != 0, (flags & TraceFlag) != 0);
    }
}
