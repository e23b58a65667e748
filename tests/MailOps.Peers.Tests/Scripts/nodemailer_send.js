// Sends through the relay with nodemailer: port, way in, authority, user, password, recipient, mechanism.
'use strict';
const fs = require('fs');
const nodemailer = require('nodemailer');

const [port, door, authority, user, pass, recipient, method] = process.argv.slice(2);
const transport = nodemailer.createTransport({
  host: 'localhost',
  port: Number(port),
  name: 'client.example.test',
  secure: door === 'Implicit',
  requireTLS: door === 'StartTls',
  ignoreTLS: door === 'PlainWithAuth',
  authMethod: method,
  auth: door === 'Plain' ? undefined : { user, pass },
  tls: { ca: fs.readFileSync(authority), servername: 'localhost' },
  pool: true,
  maxConnections: 2,
});

const message = (number) => ({
  from: user,
  to: recipient,
  subject: `From nodemailer ${number}`,
  text: 'The first line\n.a dot\n..two dots\nzażółć\n',
  html: '<p>The first line</p>',
  attachments: [{ filename: 'all.bin', content: Buffer.from(Array.from({ length: 4096 }, (_, i) => i & 255)) }],
  dsn: { id: `n${number}`, return: 'headers', notify: ['failure', 'delay'], recipient },
});

(async () => {
  const results = await Promise.all([0, 1, 2, 3, 4].map((number) => transport.sendMail(message(number))));
  for (const result of results) {
    if (result.rejected.length > 0 || !result.response.startsWith('250 ')) throw new Error(JSON.stringify(result));
  }
  transport.close();
})().catch((error) => {
  console.error(error);
  process.exit(1);
});
