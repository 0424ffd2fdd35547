// A story: a program of its own, people with browsers of their own, and at the end nobody met a fault.
import { mkdir, writeFile } from 'node:fs/promises';
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { App } from './app.mjs';
import { ana, launch } from './cast.mjs';
import { Person } from './people.mjs';

export * from './cast.mjs';

let browser;
after(async () => browser?.close());

const OUT = fileURLToPath(new URL('../out/', import.meta.url));

class Stage {
  people = [];

  /** Somebody opens a browser. */
  async opens(who, options) {
    const person = await Person.open(browser, this.app, who, options);
    this.people.push(person);
    return person;
  }

  /** Somebody opens a browser and signs in. */
  async arrives(who, options) {
    const person = await this.opens(who, options);
    await person.signIn();
    return person;
  }

  /** Somebody new is invited by the operator and joins, as told in the story of invitations; answers them, signed in. */
  async joins(who, { roles, org = 'acme', grants } = {}) {
    await this.app.api('POST', `/orgs/${org}/invitations`, { emails: [who.email], ...(roles && { roles }), ...(grants && { grants }) });
    const person = await this.opens(who);
    await person.accepts(await this.app.mail.read(who.email, { subject: 'invited you' }));
    return person;
  }

  async member(who, org = 'acme') {
    const { items } = await this.app.api('GET', `/orgs/${org}/members?q=${encodeURIComponent(who.email)}`);
    assert.equal(items.length, 1, `${who.name} is a member`);
    return items[0];
  }
}

/** A story on an installation where Ana has set up Acme; `empty` leaves that to the story. */
export function story(name, options, tell) {
  if (typeof options === 'function') [options, tell] = [{}, options];
  test(name, { timeout: 180_000 }, async () => {
    browser ??= await launch();
    const stage = new Stage();
    try {
      stage.app = options.empty ? await App.fresh() : await App.withOrg({ org: 'Acme', ...ana });
      await tell(stage);
      assert.deepEqual(stage.people.flatMap((p) => p.faults.map((fault) => `${p.name}: ${fault}`)), []);
    } catch (error) {
      await keep(stage, name);
      throw error;
    } finally {
      for (const p of stage.people) await p.context.close();
      await stage.app?.stop();
    }
  });
}

/** What a person who mends it wants to see: each browser's page, and what the program said. */
async function keep(stage, name) {
  const folder = `${OUT}failed/${name.toLowerCase().replace(/[^a-z0-9]+/g, '-')}/`;
  await mkdir(folder, { recursive: true });
  if (stage.app) await writeFile(`${folder}program.log`, stage.app.log);
  let n = 0;
  for (const p of stage.people)
    for (const page of p.context.pages()) {
      const file = `${folder}${++n}-${p.name.split(' ')[0].toLowerCase()}`;
      await page.screenshot({ path: `${file}.png`, fullPage: true }).catch(() => {});
      await writeFile(`${file}.html`, `<!-- ${page.url()}\n${p.faults.join('\n')} -->\n${await page.content().catch(() => '')}`);
    }
}
