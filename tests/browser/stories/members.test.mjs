import assert from 'node:assert/strict';
import { ana, ben, chloe, dev, story } from '../lib/story.mjs';

const LAST_ADMIN = /without an ADMIN who can sign in/;

story('the last ADMIN can neither be removed nor lose the role', async (stage) => {
  await stage.joins(ben);
  const me = await stage.member(ana);
  const one = await stage.arrives(ana);
  await one.goes(`/o/acme/members/${me.id}/removal`);
  const remove = one.button(/^Remove/, one.main);
  if (await remove.isVisible()) await remove.click();
  await one.isRefused(LAST_ADMIN);

  await one.goes(`/o/acme/members/${me.id}/roles`);
  await one.chooses('ADMIN', one.main);
  await one.presses('Save roles', one.main);
  await one.isRefused(LAST_ADMIN);
  assert.ok((await stage.member(ana)).roles.some((r) => r.key === 'ADMIN'));
});

story('removing somebody names what they lose, and ends it at once', async (stage) => {
  const bens = await stage.joins(ben);
  await stage.app.api('POST', '/orgs/acme/projects', { name: 'Sensors' });
  await stage.app.api('POST', '/orgs/acme/projects/sensors/grants', { subject: { kind: 'user', email: ben.email }, role: 'editor' });
  const one = await stage.arrives(ana);
  await one.goes('/o/acme/members');
  await one.presses('More for Ben Okafor', one.row('Ben Okafor'));
  await one.follows(/^Remove/, one.page.locator('[popover]:popover-open'));
  await one.sees('Ben Okafor', one.form);
  await one.presses(/^Remove/, one.form);
  await one.isTold(/^Removed Ben Okafor/);
  await bens.goes('/o/acme/projects/sensors');
  assert.equal(await bens.heading(), 'Not found');
  const { items } = await stage.app.api('GET', '/orgs/acme/projects/sensors/grants');
  assert.equal(items.length, 0);
});

story('several members are changed at once', async (stage) => {
  const bens = await stage.joins(ben);
  await stage.joins(chloe);
  await stage.joins(dev);
  await stage.app.api('POST', '/orgs/acme/roles', { key: 'engineers', name: 'Engineers', permissions: [] });
  const one = await stage.arrives(ana);
  await one.goes('/o/acme/members');
  for (const who of [ben, chloe]) await one.chooses(`Select ${who.name}`, one.main);
  await one.sees('2 selected');
  await one.presses(/^Suspend/, one.page.getByRole('form', { name: /selected/i }));
  await one.sees('Suspend 2 members?', one.main);
  await one.sees('Chloe Martin', one.main);
  await one.presses('Suspend 2 members', one.main);
  await one.isTold(/^Suspended/);
  assert.deepEqual([(await stage.member(ben)).status, (await stage.member(chloe)).status, (await stage.member(dev)).status], ['suspended', 'suspended', 'active']);
  await bens.goes('/o/acme/projects');
  assert.notEqual(await bens.heading(), 'Projects', 'a suspended member gets nothing');
});

story('the list of members is searched while typing, and the address keeps the search', async (stage) => {
  for (const who of [ben, chloe]) await stage.joins(who);
  const one = await stage.arrives(ana);
  await one.goes('/o/acme/members');
  await one.page.keyboard.press('/');
  await one.page.keyboard.type('chloe');
  await one.seesNot(one.row('Ben Okafor'));
  await one.sees(one.row('Chloe Martin'));
  await one.page.waitForURL(/q=chloe/);
  await one.page.reload();
  await one.sees(one.row('Chloe Martin'));
  await one.seesNot(one.row('Ben Okafor'));
});
