// A person in a browser of their own: what they look for by role and name, and what they do often.
import assert from 'node:assert/strict';
import { Authenticator } from './totp.mjs';

const WAIT = 10_000;

export class Person {
  /** What a person must never meet: errors of scripts, of the console, of the content policy, of the server. */
  faults = [];
  authenticator = null;

  static async open(browser, app, who, { scripts = true, ...options } = {}) {
    const context = await browser.newContext({ baseURL: app.url, javaScriptEnabled: scripts, acceptDownloads: true, ...options });
    context.setDefaultTimeout(WAIT);
    const person = Object.assign(new Person(), who, { app, context, scripts });
    context.on('page', (page) => person.#watch(page));
    await context.addInitScript(() =>
      document.addEventListener('securitypolicyviolation', (e) => console.error(`CSP violation: ${e.violatedDirective} ${e.blockedURI}`)),
    );
    person.page = await context.newPage();
    return person;
  }

  /** A second tab of the same browser. */
  async secondTab() {
    const page = await this.context.newPage();
    return Object.assign(Object.create(Person.prototype), this, { page });
  }

  #watch(page) {
    page.on('pageerror', (error) => this.faults.push(`script: ${error.stack ?? error}`));
    page.on('console', (said) => {
      if (said.type() !== 'error') return;
      const text = said.text();
      // A refusal (409, 412, 422 ...) is an answer; browser and htmx write it to the console all the same.
      const refused = /the server responded with a status of 4\d\d/.test(text) && !said.location().url.includes('/static/');
      if (!refused && !/^Response Status Error Code 4\d\d/.test(text)) this.faults.push(`console: ${text} (${said.location().url})`);
    });
    page.on('response', (answer) => {
      if (answer.status() >= 500) this.faults.push(`server: ${answer.status()} for ${answer.request().method()} ${answer.url()}`);
    });
  }

  // ── Where things are ──

  get main() {
    return this.page.getByRole('main');
  }

  /** The form that an action opened: the dialog with scripts, a page of its own without. */
  get form() {
    return this.scripts ? this.page.getByRole('dialog') : this.main;
  }

  button(name, within = this.page) {
    return within.getByRole('button', { name }).first();
  }

  link(name, within = this.page) {
    return within.getByRole('link', { name }).first();
  }

  field(label, within = this.page) {
    return within.getByLabel(label).and(within.locator('input, textarea, select')).first();
  }

  /** The row of a table that names somebody or something. */
  row(name, within = this.main) {
    return within.getByRole('row').filter({ hasText: name }).first();
  }

  /** The region of a page with this heading. */
  region(name) {
    return this.main.getByRole('region', { name }).first();
  }

  // ── What a person does ──

  async goes(path) {
    await this.page.goto(path);
  }

  /** A link, or a button that looks like the same thing. */
  async follows(name, within = this.page) {
    await within.getByRole('link', { name }).or(within.getByRole('button', { name })).first().click();
  }

  async presses(name, within = this.page) {
    await this.button(name, within).click();
  }

  /** What is folded: its sentence. */
  async opens(text, within = this.page) {
    await within.getByText(text).first().click();
  }

  async fills(values, within = this.page) {
    for (const [label, value] of Object.entries(values)) await this.field(new RegExp(`^(${label})`), within).fill(value);
  }

  /** Ticks or chooses what carries this label. */
  async chooses(name, within = this.page) {
    const control = within.getByRole('radio', { name }).or(within.getByRole('checkbox', { name })).first();
    await control.locator('xpath=ancestor-or-self::*[self::label or self::input][1]').click();
  }

  async givesPassword(password = this.password) {
    if (!this.page.url().includes('/login')) await this.goes('/login');
    await this.fills({ 'E-mail': this.email, Password: password });
    await this.presses(/^Sign in$/);
  }

  async signIn({ password } = {}) {
    await this.givesPassword(password);
    if (this.authenticator) await this.givesCode(await this.authenticator.code());
    await this.page.waitForURL((url) => !url.pathname.startsWith('/login'));
  }

  async givesCode(code) {
    await this.isAt('/login/code');
    await this.fills({ 'Six-digit code': code });
    await this.presses(/^Confirm code$/);
  }

  async signOut() {
    await this.goes('/me');
    await this.presses(/Your account/);
    await this.presses(/^Sign out$/);
    await this.isAt('/login');
  }

  /** Sets up the authenticator by the key in text, as somebody without a camera does; answers the code that was used. */
  async enrols() {
    if (!this.page.url().includes('/me/mfa')) await this.goes('/me/mfa');
    await this.presses(/^Set up two-factor$/);
    const key = this.page.getByText(/^\s*([A-Z2-7]{4}\s+){3,}[A-Z2-7]{1,4}\s*$/).first();
    this.authenticator = new Authenticator(await key.innerText());
    const code = await this.authenticator.code();
    await this.fills({ 'Six-digit code': code });
    await this.presses(/^Turn on two-factor$/);
    await this.sees(/recovery codes/i);
    return code;
  }

  /** Opens the link of an invitation and joins: as a new person with a name and password, or as who is signed in. */
  async accepts(mail, { isNew = true } = {}) {
    const link = mail.links.find((l) => l.includes('/invitations/'));
    assert.ok(link, `the mail has a link to accept: ${mail.text}`);
    await this.goes(link);
    if (isNew) await this.fills({ 'Your name': this.name, 'Choose a password': this.password }, this.main);
    await this.presses(isNew ? 'Create account and join' : 'Accept invitation', this.main);
    await this.isAt(/^\/o\//);
  }

  // ── What a person sees ──

  async sees(what, within = this.page) {
    const found = typeof what === 'string' || what instanceof RegExp ? within.getByText(what) : what;
    await found.filter({ visible: true }).first().waitFor();
  }

  async seesNot(what, within = this.page) {
    const found = typeof what === 'string' || what instanceof RegExp ? within.getByText(what) : what;
    await found.first().waitFor({ state: 'hidden' });
  }

  async isTold(text) {
    await this.page.getByRole('status').filter({ hasText: text }).first().waitFor();
  }

  /** A refusal: in the messages, in the form's summary, or as the page that says no. */
  async isRefused(text) {
    await this.page.getByRole('alert').filter({ hasText: text }).or(this.main.getByText(text)).or(this.page.getByRole('dialog').getByText(text)).first().waitFor();
  }

  async isAt(path) {
    await this.page.waitForURL((url) => (path instanceof RegExp ? path.test(url.pathname) : url.pathname === path));
  }

  async heading() {
    return (await this.page.getByRole('heading', { level: 1 }).first().innerText()).trim();
  }
}
