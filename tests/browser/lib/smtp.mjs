// A mail server that keeps what it is given: plain SMTP (RFC 5321) over TCP on the loopback, as much of it as a sender needs.
import net from 'node:net';
import { parse } from './mail.mjs';

export class Sink {
  #server;
  #sockets = new Set();
  #waiting = new Set();
  mails = [];

  static async start() {
    const sink = new Sink();
    sink.#server = net.createServer((socket) => sink.#talk(socket));
    await new Promise((done) => sink.#server.listen(0, '127.0.0.1', done));
    return sink;
  }

  get url() {
    return `smtp://127.0.0.1:${this.#server.address().port}`;
  }

  /** The oldest mail to an address (and with words in its subject) that nobody has read yet; waits for it. */
  async read(to, { subject = '', timeout = 20_000 } = {}) {
    const until = Date.now() + timeout;
    for (;;) {
      const mail = this.mails.find((m) => !m.read && m.to.includes(to.toLowerCase()) && m.subject.includes(subject));
      if (mail) {
        mail.read = true;
        return mail;
      }
      const left = until - Date.now();
      if (left <= 0) {
        const had = this.mails.map((m) => `${m.to}: ${m.subject}`).join('\n  ');
        throw new Error(`no mail to ${to} with "${subject}" came. What came:\n  ${had || 'nothing'}`);
      }
      await new Promise((done) => {
        const timer = setTimeout(done, left);
        const ring = () => (clearTimeout(timer), this.#waiting.delete(ring), done());
        this.#waiting.add(ring);
      });
    }
  }

  async stop() {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((done) => this.#server.close(done));
  }

  #talk(socket) {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    socket.setEncoding('latin1');
    const say = (line) => socket.write(`${line}\r\n`);
    let held = '';
    let envelope = { from: '', to: [] };
    let letter = null;
    const command = (line) => {
      const verb = line.slice(0, 4).toUpperCase();
      const address = /<([^>]*)>/.exec(line)?.[1]?.toLowerCase() ?? '';
      if (verb === 'EHLO') return say('250-sink.test\r\n250-8BITMIME\r\n250 SMTPUTF8');
      if (verb === 'HELO' || verb === 'NOOP') return say('250 sink.test');
      if (verb === 'MAIL') return (envelope = { from: address, to: [] }), say('250 fine');
      if (verb === 'RCPT') return envelope.to.push(address), say('250 fine');
      if (verb === 'DATA') return (letter = []), say('354 go on, end with a dot');
      if (verb === 'RSET') return (envelope = { from: '', to: [] }), say('250 fine');
      if (verb === 'QUIT') return say('221 bye'), socket.end();
      return say('502 not known here');
    };
    say('220 sink.test');
    socket.on('data', (chunk) => {
      held += chunk;
      for (let end = held.indexOf('\r\n'); end >= 0; end = held.indexOf('\r\n')) {
        const line = held.slice(0, end);
        held = held.slice(end + 2);
        if (letter === null) command(line);
        else if (line === '.') {
          this.mails.push(parse(letter.join('\r\n'), envelope));
          letter = null;
          say('250 kept');
          for (const ring of [...this.#waiting]) ring();
        } else letter.push(line.startsWith('.') ? line.slice(1) : line);
      }
    });
  }
}
