import assert from 'node:assert/strict';
import { ana, ben, story } from '../lib/story.mjs';

story('everything works with JavaScript turned off', { empty: true }, async (stage) => {
  const plain = { scripts: false };
  const one = await stage.opens(ana, plain);
  await one.goes(stage.app.setupLink);
  await one.fills({ 'Organization name': 'Acme', 'Your name': ana.name, 'E-mail': ana.email, Password: ana.password });
  await one.presses('Create organization', one.main);
  await one.isAt('/o/acme');
  await one.signOut();
  await one.signIn();
  await one.isAt('/o/acme');

  await one.follows('Invite people', one.main);
  await one.fills({ 'E-mail addresses': ben.email }, one.form);
  await one.presses('Invite people', one.form);
  await one.isTold(/^Invited/);
  const bens = await stage.opens(ben, plain);
  await bens.accepts(await stage.app.mail.read(ben.email));

  await one.goes('/o/acme');
  await one.follows('Create project', one.region('Projects'));
  await one.fills({ Name: 'Sensors' }, one.form);
  await one.presses('Create project', one.form);
  await one.isTold(/^Created/);

  await one.goes('/o/acme');
  await one.follows('Create role', one.main);
  await one.fills({ Name: 'Engineers' }, one.form);
  await one.presses('Create role', one.form);
  await one.isTold(/^Created/);

  await one.goes('/o/acme');
  await one.follows('Edit roles of Ben Okafor', one.main);
  await one.chooses('Engineers', one.form);
  await one.presses('Save roles', one.form);
  await one.isTold(/^Changed the roles of Ben Okafor/);

  await one.goes('/o/acme/projects/sensors');
  await one.follows('Give access', one.main);
  const picker = one.field('Role or account', one.form);
  await picker.selectOption({ label: (await picker.locator('option', { hasText: 'Engineers' }).innerText()).trim() });
  await one.chooses('Viewer', one.form);
  await one.presses('Give access', one.form);
  await one.isTold(/^Gave Engineers Viewer/);
  await bens.goes('/o/acme/projects/sensors');
  assert.equal(await bens.heading(), 'Sensors');

  await one.follows(/^Change access of Engineers/, one.main);
  await one.chooses(/^Editor/, one.form);
  await one.presses('Save level', one.form);
  await one.isTold(/^Changed Engineers to Editor/);

  await one.follows(/^Remove Engineers/, one.main);
  await one.sees(/Ben Okafor/, one.form);
  await one.presses(/^Remove access/, one.form);
  await one.isTold(/^Removed Engineers/);
  await bens.goes('/o/acme/projects/sensors');
  assert.equal(await bens.heading(), 'Not found');

  await one.goes('/o/acme');
  await one.presses('More for Ben Okafor', one.main);
  await one.follows('Remove Ben Okafor', one.page.locator('[popover]:popover-open'));
  await one.presses(/^Remove/, one.form);
  await one.isTold(/^Removed Ben Okafor/);
});
