// The real program on a free port with a fresh data folder, its mail going to a sink of our own.
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Sink } from './smtp.mjs';

const BIN = process.env.BAILIWICK_BIN ?? fileURLToPath(new URL('../../../target/debug/bailiwick', import.meta.url));

export class App {
  #process;
  #said = '';
  #settings;

  /** Starts on an empty database; `setupLink` is what was printed. */
  static async fresh() {
    const app = await App.#prepare();
    await app.start();
    app.setupLink = await app.#printed(/https?:\/\/\S+\/setup\?token=\S+/);
    return app;
  }

  /** Starts on an installation that the command line has set up, with a token of its operator for `app.api`. */
  static async withOrg({ org = 'Acme', name, email, password }) {
    const app = await App.#prepare();
    await app.command(['setup', '--org', org, '--email', email, '--name', name, '--password-stdin'], password);
    app.token = (await app.command(['token', 'create', '--email', email])).trim().split('\n').at(-1);
    await app.start();
    return app;
  }

  /** Starts the made-up company that the program brings along. */
  static async demo() {
    const app = await App.#prepare();
    await app.start('demo');
    return app;
  }

  static async #prepare() {
    const app = new App();
    app.folder = await mkdtemp(path.join(tmpdir(), 'bailiwick-story-'));
    app.mail = await Sink.start();
    app.port = await freePort();
    app.url = `http://127.0.0.1:${app.port}`;
    app.#settings = ['--listen', `127.0.0.1:${app.port}`, '--public-url', app.url, '--data-dir', path.join(app.folder, 'data'), '--smtp-url', app.mail.url, '--shutdown-delay', '0'];
    return app;
  }

  #spawn(args) {
    // What is set for the tests is not meant for the program, and a settings file of the developer's folder is not either.
    const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('BAILIWICK_') && name !== 'DATABASE_URL');
    return spawn(BIN, [...args, ...this.#settings], { cwd: this.folder, env: { ...Object.fromEntries(kept), BAILIWICK_LOG: 'info' }, stdio: ['pipe', 'pipe', 'pipe'] });
  }

  async start(command = 'serve') {
    this.#process = this.#spawn([command]);
    for (const stream of [this.#process.stdout, this.#process.stderr]) stream.on('data', (text) => (this.#said += text));
    this.#process.on('exit', (code) => (this.#said += `\n[ended with ${code}]`));
    const until = Date.now() + 30_000;
    for (;;) {
      if (this.#process.exitCode !== null || Date.now() > until) throw new Error(`the program did not start:\n${this.#said}`);
      try {
        if ((await fetch(`${this.url}/ready`)).ok) return;
      } catch {
        // Not there yet.
      }
      await new Promise((done) => setTimeout(done, 50));
    }
  }

  async #printed(pattern) {
    const until = Date.now() + 5_000;
    for (;;) {
      const found = pattern.exec(this.#said)?.[0];
      if (found) return found;
      if (Date.now() > until) throw new Error(`${pattern} was not printed:\n${this.#said}`);
      await new Promise((done) => setTimeout(done, 20));
    }
  }

  /** Runs a command of the program and returns what it printed. */
  command(args, input = '') {
    return new Promise((done, failed) => {
      const child = this.#spawn(args);
      let out = '';
      let err = '';
      child.stdout.on('data', (text) => (out += text));
      child.stderr.on('data', (text) => (err += text));
      child.on('error', failed);
      child.on('exit', (code) => (code === 0 ? done(out) : failed(new Error(`bailiwick ${args.join(' ')} ended with ${code}:\n${out}${err}`))));
      child.stdin.end(input);
    });
  }

  /** Asks the API, as the operator or with another token. Answers the JSON; fails on a status that was not expected. */
  async api(method, path, body, { token = this.token, status } = {}) {
    const answer = await fetch(`${this.url}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await answer.text();
    if (status ? answer.status !== status : !answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${text}`);
    return text ? JSON.parse(text) : null;
  }

  /** What the program wrote, for a story that failed. */
  get log() {
    return this.#said;
  }

  /** As a power cut would. */
  async kill() {
    const gone = new Promise((done) => this.#process.once('exit', done));
    this.#process.kill('SIGKILL');
    await gone;
  }

  async stop() {
    if (this.#process && this.#process.exitCode === null) {
      const gone = new Promise((done) => this.#process.once('exit', done));
      this.#process.kill('SIGTERM');
      const timer = setTimeout(() => this.#process.kill('SIGKILL'), 5_000);
      await gone;
      clearTimeout(timer);
    }
    await this.mail.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}

async function freePort() {
  const server = net.createServer();
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}
