import assert from 'node:assert/strict';
import { ana, ben, eva, story } from '../lib/story.mjs';

story('Ctrl K finds pages, people, projects and actions by a few letters', async (stage) => {
  await stage.joins(ben);
  await stage.app.api('POST', '/orgs/acme/projects', { name: 'Sensors' });
  await stage.app.api('POST', '/orgs', { name: 'Globex' });
  await stage.joins(eva, { org: 'globex' });
  await stage.app.api('POST', '/orgs/acme/projects/sensors/grants', { subject: { kind: 'user', email: eva.email }, role: 'viewer' });
  const one = await stage.arrives(ana);
  const keys = one.page.keyboard;
  const palette = one.page.getByRole('dialog', { name: 'Search or jump to' });
  const chosen = palette.getByRole('option', { selected: true });
  await one.goes('/o/acme/security');
  await keys.press('Control+k');
  await chosen.filter({ hasText: 'Projects' }).or(chosen.filter({ hasText: 'Admin' })).waitFor();
  await one.sees('Invite people', palette);
  await keys.press('ArrowUp');
  await chosen.filter({ hasText: 'Create role' }).waitFor();
  const field = palette.getByRole('combobox');
  assert.equal(await field.getAttribute('aria-activedescendant'), await chosen.getAttribute('id'));

  await keys.type('okaf');
  await chosen.filter({ hasText: 'Ben Okafor' }).waitFor();
  await keys.press('Enter');
  await one.isAt(/^\/o\/acme\/members\/mem_/);
  assert.equal(await one.heading(), 'Ben Okafor');

  // Typed and entered in one go: what was typed counts, not what stood there before.
  await keys.press('Control+k');
  await palette.waitFor();
  await keys.type('sensors');
  await keys.press('Enter');
  await one.isAt('/o/acme/projects/sensors');

  await one.follows(/^Search or jump to/);
  await keys.type('lindq');
  await one.sees(palette.getByRole('option', { name: /Eva Lindqvist \(external\)/ }));
  await field.fill('');
  await keys.type('invite');
  await chosen.filter({ hasText: 'Invite people' }).waitFor();
  await keys.press('Enter');
  await one.page.getByRole('dialog').getByLabel('E-mail addresses').waitFor();
  await keys.press('Escape');

  await keys.press('Control+k');
  await keys.type('zzz');
  await one.sees(/Nothing is called “zzz”/, palette);
  await keys.press('Escape');
  await palette.waitFor({ state: 'hidden' });
  await one.goes('/me');
  await keys.press('Control+k');
  await keys.type('glob');
  await chosen.filter({ hasText: 'Globex' }).waitFor();
  await keys.press('Enter');
  await one.isAt('/o/globex');
});

story('without scripts the palette is a page with a search field', async (stage) => {
  await stage.joins(ben);
  const one = await stage.arrives(ana, { scripts: false });
  await one.goes('/o/acme/members');
  await one.follows(/^Search or jump to/);
  await one.isAt('/o/acme/find');
  await one.main.getByRole('searchbox').fill('ben');
  await one.presses('Search', one.main);
  await one.follows(/Ben Okafor/, one.main);
  assert.equal(await one.heading(), 'Ben Okafor');
});
