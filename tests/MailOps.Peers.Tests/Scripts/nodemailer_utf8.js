// Logs in with an access token, sends to an address that needs SMTPUTF8, and asks for a report: port, authority, user, token, sender, recipient.
'use strict';
const fs = require('fs');
const nodemailer = require('nodemailer');

const [port, authority, user, accessToken, from, to] = process.argv.slice(2);
const transport = nodemailer.createTransport({
  host: 'localhost',
  port: Number(port),
  name: 'client.example.test',
  requireTLS: true,
  auth: { type: 'OAUTH2', user, accessToken },
  tls: { ca: fs.readFileSync(authority), servername: 'localhost' },
});

transport.sendMail({
  envelope: { from, to: [to] },
  raw: `From: <${from}>\r\nTo: <${to}>\r\nSubject: größe\r\n\r\nzażółć gęślą\r\n`,
  dsn: { id: 'node+1', return: 'full', notify: ['success'], recipient: 'first@example.test' },
}).then((result) => {
  transport.close();
  if (!result.response.startsWith('250 ')) throw new Error(JSON.stringify(result));
}).catch((error) => {
  console.log(error.responseCode);
  process.exit(error.responseCode === 535 ? 0 : 1);
});
