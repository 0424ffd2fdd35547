import assert from 'node:assert/strict';
import { ana, story } from '../lib/story.mjs';

story('single keys lead around, rest while one types, and can be switched off', async (stage) => {
  const one = await stage.arrives(ana);
  const keys = one.page.keyboard;
  await one.goes('/o/acme');
  for (const [letter, path] of [['m', '/o/acme/members'], ['p', '/o/acme/projects'], ['r', '/o/acme/roles'], ['i', '/o/acme/invitations'], ['a', '/o/acme/audit'], ['s', '/o/acme/security'], ['h', '/o/acme']]) {
    await keys.press('g');
    await keys.press(letter);
    await one.isAt(path);
  }
  await one.goes('/o/acme/members');
  await keys.press('/');
  await keys.type('gp?');
  assert.equal(await one.page.getByLabel(/^Search by/).inputValue(), 'gp?', 'what is typed is typed');
  assert.equal(new URL(one.page.url()).pathname, '/o/acme/members');

  await one.main.getByRole('heading', { level: 1 }).click();
  await keys.press('?');
  const list = one.page.getByRole('dialog');
  await one.sees('Keyboard shortcuts', list);
  await one.sees('Audit log', list);
  await keys.press('Escape');
  await list.waitFor({ state: 'hidden' });

  await one.goes('/me');
  await one.main.getByRole('switch', { name: 'Single-key shortcuts' }).click();
  await one.presses('Save preferences');
  await one.isTold('Saved your preferences');
  await one.goes('/o/acme/members');
  await keys.press('?');
  await keys.press('g');
  await keys.press('p');
  await keys.press('/');
  assert.equal(await one.page.evaluate(() => document.activeElement.tagName), 'BODY');
  assert.equal(await list.count(), 0);
  await keys.press('Control+k');
  await one.page.getByRole('dialog', { name: 'Search or jump to' }).waitFor();
});

story('the list of shortcuts is a page without scripts', async (stage) => {
  const one = await stage.arrives(ana, { scripts: false });
  await one.goes('/o/acme');
  await one.presses(/Your account/);
  await one.follows(/^Keyboard shortcuts/);
  assert.equal(await one.heading(), 'Keyboard shortcuts');
});
