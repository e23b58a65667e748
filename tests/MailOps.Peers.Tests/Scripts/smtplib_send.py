"""Sends through the relay with Python's smtplib: port, way in, authority, user, password, recipient."""
import smtplib
import ssl
import sys
from email.message import EmailMessage

port, door, authority, user, password, recipient = sys.argv[1:]
tls = ssl.create_default_context(cafile=authority)

message = EmailMessage()
message["From"] = user
message["To"] = recipient
message["Subject"] = "From smtplib: größe"
message.set_content("The first line\n.a dot\n..two dots\nzażółć\n", cte="8bit")
message.add_attachment(bytes(range(256)) * 16, maintype="application", subtype="octet-stream", filename="all.bin")

if door == "Implicit":
    client = smtplib.SMTP_SSL("localhost", port, context=tls, local_hostname="client.example.test")
else:
    client = smtplib.SMTP("localhost", port, local_hostname="client.example.test")
with client:
    client.ehlo()
    if door == "StartTls":
        client.starttls(context=tls)
        client.ehlo()
    if door != "Plain":
        assert not client.has_extn("starttls"), "STARTTLS is offered again"
        client.login(user, password)
    refused = client.send_message(message, from_addr=user, to_addrs=[recipient])
    assert refused == {}, refused
