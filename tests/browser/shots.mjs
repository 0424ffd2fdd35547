// Pictures of every page, in light, in dark and on a phone, and what a machine can say about their accessibility:
//
//   BAILIWICK_BIN=target/debug/bailiwick node shots.mjs [part of a page's name]
//
// Pictures go to out/. Ends with 1 when axe finds a violation of WCAG 2.2 AA or a page is wider than a screen of 320 px.
import { mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { filled } from './lib/filled.mjs';
import { Person } from './lib/people.mjs';
import { ana, launch } from './lib/cast.mjs';

const OUT = fileURLToPath(new URL('./out/', import.meta.url));
const AXE = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
const LOOKS = [
  ['light', { viewport: { width: 1440, height: 940 }, colorScheme: 'light' }],
  ['dark', { viewport: { width: 1440, height: 940 }, colorScheme: 'dark' }],
  ['phone', { viewport: { width: 390, height: 844 }, colorScheme: 'light', hasTouch: true }],
];

const only = process.argv[2] ?? '';
await mkdir(OUT, { recursive: true });
const browser = await launch();
const { app, role, member, grant } = await filled(browser);
let bad = 0;
const complain = (text) => (bad++, console.log(`  ${text}`));

const signedOut = [
  ['sign-in', '/login'],
  ['forgotten', '/password/forgotten'],
  ['set-up', '/setup'],
  ['not-found', '/no-such-page'],
];
const signedIn = [
  ['organizations', '/orgs'],
  ['create-organization', '/orgs/new'],
  ['me', '/me'],
  ['two-factor', '/me/mfa'],
  ['sessions', '/me/sessions'],
  ['tokens', '/me/tokens'],
  ['admin', '/o/acme'],
  ['projects', '/o/acme/projects'],
  ['project', '/o/acme/projects/sensors'],
  ['project-create', '/o/acme/projects/new'],
  ['project-change', '/o/acme/projects/sensors/settings'],
  ['project-give-access', '/o/acme/projects/sensors/grants/new'],
  ['project-change-access', `/o/acme/projects/sensors/grants/${grant.id}`],
  ['project-remove-access', `/o/acme/projects/sensors/grants/${grant.id}/removal`],
  ['project-delete', '/o/acme/projects/sensors/deletion'],
  ['members', '/o/acme/members'],
  ['externals', '/o/acme/members?view=external'],
  ['member', `/o/acme/members/${member.id}`],
  ['member-roles', `/o/acme/members/${member.id}/roles`],
  ['member-remove', `/o/acme/members/${member.id}/removal`],
  ['invitations', '/o/acme/invitations'],
  ['invite', '/o/acme/invitations/new'],
  ['roles', '/o/acme/roles'],
  ['role', `/o/acme/roles/${role.key}`],
  ['role-create', '/o/acme/roles/new'],
  ['two-factor-policy', '/o/acme/security'],
  ['audit', '/o/acme/audit'],
  ['settings', '/o/acme/settings'],
  ['organization-delete', '/o/acme/deletion'],
  ['instance', '/instance'],
  ['instance-organizations', '/instance/organizations'],
  ['instance-users', '/instance/users'],
];

/** bypassCSP: axe is a script of ours, not of the page. */
async function look(name, options, pages, signs) {
  const person = await Person.open(browser, app, ana, { ...options, bypassCSP: true });
  if (signs) await person.signIn();
  for (const [page, path] of pages.filter(([page]) => page.includes(only))) {
    const answer = await person.page.goto(path);
    console.log(`${page} (${name})`);
    if (answer.status() >= 400 && page !== 'not-found') complain(`${path} answers ${answer.status()}`);
    await person.page.waitForLoadState('networkidle');
    await person.page.screenshot({ path: `${OUT}${page}-${name}.png`, fullPage: true });
    await person.page.evaluate(AXE);
    const { violations } = await person.page.evaluate((values) => window.axe.run(document, { runOnly: { type: 'tag', values } }), RULES);
    for (const v of violations) complain(`axe ${v.id}: ${v.help} — ${v.nodes.slice(0, 3).map((n) => n.html.slice(0, 160)).join(' | ')}`);
    if (name === 'phone') {
      await person.page.setViewportSize({ width: 320, height: 640 });
      const wide = await person.page.evaluate(() => document.documentElement.scrollWidth);
      if (wide > 320) complain(`${wide} px wide on a screen of 320`);
      await person.page.setViewportSize(options.viewport);
    }
  }
  for (const fault of person.faults) complain(fault);
  await person.context.close();
}

for (const [name, options] of LOOKS) {
  await look(name, options, signedOut, false);
  await look(name, options, signedIn, true);
}
await browser.close();
await app.stop();
console.log(bad ? `${bad} things to mend` : 'nothing to mend');
process.exit(bad ? 1 : 0);
