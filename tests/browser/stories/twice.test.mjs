import assert from 'node:assert/strict';
import { ana, story } from '../lib/story.mjs';

const named = async (stage, name) => (await stage.app.api('GET', '/orgs/acme/projects')).items.filter((p) => p.name === name).length;

story('a double click does a thing once', async (stage) => {
  const one = await stage.arrives(ana);
  await one.goes('/o/acme');
  await one.follows('Create project', one.region('Projects'));
  await one.fills({ Name: 'In the dialog' }, one.form);
  await one.button('Create project', one.form).dblclick();
  await one.isTold(/^Created/);
  assert.equal(await named(stage, 'In the dialog'), 1);

  await one.goes('/o/acme/projects/new');
  await one.fills({ Name: 'On a page' }, one.main);
  await one.button('Create project', one.main).dblclick();
  await one.isTold(/^Created/);
  assert.equal(await named(stage, 'On a page'), 1);
});

story('going back and reloading do nothing twice', async (stage) => {
  const one = await stage.arrives(ana);
  await one.goes('/o/acme/projects/new');
  await one.fills({ Name: 'Sensors' }, one.main);
  await one.presses('Create project', one.main);
  await one.isTold(/^Created/);
  await one.page.reload();
  await one.page.goBack();
  await one.page.goForward();
  assert.equal(await named(stage, 'Sensors'), 1);
  await one.seesNot(one.page.getByRole('status').filter({ hasText: 'Created' }));

  await one.signOut();
  await one.page.goBack();
  await one.seesNot('Sensors', one.main);
});

story('two tabs change the same role: the second is told and overwrites nothing', async (stage) => {
  await stage.app.api('POST', '/orgs/acme/roles', { key: 'engineers', name: 'Engineers', permissions: [] });
  const one = await stage.arrives(ana);
  const two = await one.secondTab();
  const editor = '/o/acme/roles/engineers';
  for (const tab of [one, two]) await tab.goes(editor);
  await one.fills({ Description: 'Those who build' }, one.main);
  await one.presses('Save role', one.main);
  await one.isTold(/^Changed the role Engineers/);
  await two.fills({ Description: 'Something else' }, two.main);
  await two.presses('Save role', two.main);
  await two.isRefused(/changed (this|it)/i);
  await two.sees('Those who build', two.main);
  await two.sees('Something else', two.main);
  const role = await stage.app.api('GET', '/orgs/acme/roles/engineers');
  assert.equal(role.description, 'Those who build');
});
