"""Sends with one mechanism of smtplib's and asks for a report: port, authority, user, secret, mechanism, sender, recipient. Prints the refusal of a login, if there was one."""
import smtplib
import ssl
import sys

port, authority, user, secret, mechanism, sender, recipient = sys.argv[1:]
with smtplib.SMTP("localhost", port, local_hostname="client.example.test") as client:
    client.starttls(context=ssl.create_default_context(cafile=authority))
    client.ehlo()
    assert mechanism in client.esmtp_features["auth"].split(), client.esmtp_features["auth"]
    client.user, client.password = user, secret
    answers = {"PLAIN": client.auth_plain, "LOGIN": client.auth_login}
    # RFC 7628 section 3.2.3: an error is answered with one byte, and only then the refusal comes.
    answer = answers.get(mechanism, lambda challenge=None: "\x01" if challenge else f"user={user}\x01auth=Bearer {secret}\x01\x01")
    try:
        client.auth(mechanism, answer)
    except smtplib.SMTPAuthenticationError as refusal:
        print(refusal.smtp_code)
        sys.exit(0)
    refused = client.sendmail(
        sender, [recipient], "Subject: From smtplib\r\n\r\nwith a report\r\n",
        mail_options=["RET=HDRS", "ENVID=python+2B1"], rcpt_options=["NOTIFY=SUCCESS", f"ORCPT=rfc822;first+2B{recipient}"])
    assert refused == {}, refused
