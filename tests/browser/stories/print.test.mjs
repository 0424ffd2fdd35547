import assert from 'node:assert/strict';
import { ana, eva, story } from '../lib/story.mjs';

story('on paper a list is its table, and colour is said in words', async (stage) => {
  await stage.app.api('POST', '/orgs/acme/projects', { name: 'Sensors' });
  await stage.app.api('POST', '/orgs', { name: 'Globex' });
  await stage.joins(eva, { org: 'globex' });
  await stage.app.api('POST', '/orgs/acme/projects/sensors/grants', { subject: { kind: 'user', email: eva.email }, role: 'viewer' });
  const one = await stage.arrives(ana, { colorScheme: 'dark' });
  await one.goes('/o/acme/projects');
  await one.page.emulateMedia({ media: 'print' });
  await one.sees(one.row('Sensors'));
  for (const gone of [one.page.getByRole('navigation', { name: 'Main' }), one.main.getByRole('searchbox'), one.main.getByRole('button', { name: /^Assign/ }), one.main.getByRole('link', { name: 'Create project' })]) {
    assert.equal(await gone.filter({ visible: true }).count(), 0, `${gone}`);
  }
  const chip = one.main.locator('[data-kind=external]').first();
  assert.match(await chip.evaluate((c) => getComputedStyle(c, '::after').content), /external/);
  assert.equal(await one.page.evaluate(() => getComputedStyle(document.documentElement).colorScheme), 'light', 'no dark paper');
  await one.goes('/o/acme/members');
  assert.match(await one.main.locator('time').first().evaluate((t) => getComputedStyle(t, '::after').content), /UTC/, 'no “just now” on paper');
});

story('an id is text to select, and is copied by the button beside it', async (stage) => {
  const one = await stage.arrives(ana);
  await one.context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const { id } = await stage.app.api('GET', '/orgs/acme');
  await one.goes('/o/acme');
  await one.presses(`Copy ${id}`);
  await one.isTold(/^Copied/);
  assert.equal(await one.page.evaluate(() => navigator.clipboard.readText()), id);
  const text = one.main.getByText(id, { exact: true });
  await text.selectText();
  assert.equal(await one.page.evaluate(() => getSelection().toString().trim()), id);
});

story('no page is wider than a small phone, from left to right and from right to left', async (stage) => {
  const one = await stage.arrives(ana, { viewport: { width: 320, height: 640 }, hasTouch: true });
  for (const dir of ['ltr', 'rtl'])
    for (const path of ['/o/acme', '/o/acme/projects', '/o/acme/members', '/o/acme/invitations', '/o/acme/roles', '/o/acme/roles/ADMIN', '/o/acme/security', '/o/acme/audit', '/o/acme/find?q=a', '/me', '/shortcuts', '/orgs', '/instance/users']) {
      await one.goes(path);
      const wide = await one.page.evaluate((dir) => ((document.documentElement.dir = dir), document.documentElement.scrollWidth), dir);
      assert.ok(wide <= 320, `${path} (${dir}) is ${wide} px wide`);
    }
});
