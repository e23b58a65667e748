"""Sends to an address that needs SMTPUTF8, and has one recipient of two refused: port, sender, recipient."""
import smtplib
import sys

port, sender, recipient = sys.argv[1:]
text = f"From: {sender}\r\nTo: {recipient}\r\nSubject: größe\r\n\r\nzażółć gęślą\r\n".encode()
with smtplib.SMTP("localhost", port, local_hostname="client.example.test") as client:
    client.ehlo()
    for name in ("smtputf8", "8bitmime", "size", "pipelining", "chunking", "enhancedstatuscodes", "dsn"):
        assert client.has_extn(name), f"{name} is not offered"
    refused = client.sendmail(sender, [recipient, "not an address"], text, mail_options=["SMTPUTF8", "BODY=8BITMIME"])
    assert list(refused) == ["not an address"] and 500 <= refused["not an address"][0] < 600, refused
    assert client.noop()[0] == 250
    assert client.verify("anyone")[0] in (250, 252), "RFC 5321 section 3.5.3"
    assert client.rset()[0] == 250
