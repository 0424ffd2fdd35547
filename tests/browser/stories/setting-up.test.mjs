import assert from 'node:assert/strict';
import { ana, ben, story } from '../lib/story.mjs';

story('the first person sets up by the printed link, and the link works once', { empty: true }, async (stage) => {
  const one = await stage.opens(ana);
  await one.goes('/');
  assert.doesNotMatch(await one.main.innerText(), /password/i, 'nobody can sign in before there is somebody');

  await one.goes(stage.app.setupLink);
  assert.doesNotMatch(one.page.url(), /token=/, 'the token has left the address');
  await one.fills({ 'Organization name': 'Acme', 'Your name': ana.name, 'E-mail': ana.email, Password: ana.password });
  await one.presses('Create organization', one.main);
  await one.isAt('/o/acme');
  assert.equal(await one.heading(), 'Acme');

  const late = await stage.opens(ben);
  await late.goes(stage.app.setupLink);
  await late.seesNot(late.field('Organization name'));
  await late.isAt('/login');
});

story('the admin page says what there is, in one order: projects, roles, accounts, invitations', async (stage) => {
  const one = await stage.arrives(ana);
  await one.isAt('/o/acme');
  const headings = await one.main.getByRole('heading', { level: 2 }).allInnerTexts();
  const sections = headings.map((h) => /^(Projects|Roles|Accounts|Invitations)/.exec(h)?.[1]).filter(Boolean);
  assert.deepEqual(sections, ['Projects', 'Roles', 'Accounts', 'Invitations']);
  await one.follows('View audit log', one.main);
  await one.isAt('/o/acme/audit');
});
