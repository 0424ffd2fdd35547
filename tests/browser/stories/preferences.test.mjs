import assert from 'node:assert/strict';
import { ana, story } from '../lib/story.mjs';

const dark = (page) => page.evaluate(() => getComputedStyle(document.body).backgroundColor);

story('a theme is chosen in the menu, is there at once, and follows the person into another browser', async (stage) => {
  const one = await stage.arrives(ana, { colorScheme: 'light' });
  await one.goes('/me');
  const light = await dark(one.page);
  await one.fills({ Name: 'Ana Ruiz-Ortega' });
  await one.presses(/Your account/);
  await one.presses('Dark theme');
  await one.page.waitForFunction((before) => getComputedStyle(document.body).backgroundColor !== before, light);
  assert.equal(await one.field('Name').inputValue(), 'Ana Ruiz-Ortega', 'nothing typed is lost');
  await one.page.waitForFunction(() => document.querySelector('#profile-form [name=rev]').value !== '1');
  await one.presses('Save profile');
  await one.isTold('Saved your profile');

  // Another browser, whose system is light, is dark before anything is painted.
  const other = await stage.arrives(ana, { colorScheme: 'light' });
  await other.goes('/o/acme');
  assert.equal(await other.page.evaluate(() => document.documentElement.dataset.theme), 'dark');
  assert.notEqual(await dark(other.page), light);
  await other.signOut();
  assert.equal(await dark(other.page), light, 'who signs out leaves nothing behind, not even that');

  await other.signIn();
  await other.goes('/o/acme/projects');
  await other.presses('Switch between light and dark');
  await other.page.waitForFunction(() => document.documentElement.dataset.theme === 'light');
});

story('times are told in the zone that a person chose, and the one of the browser is offered', async (stage) => {
  const one = await stage.arrives(ana, { timezoneId: 'Asia/Tokyo' });
  await one.goes('/o/acme/audit');
  await one.sees('Time (UTC)');
  await one.goes('/me');
  await one.sees(/This browser is in Asia\/Tokyo/);
  await one.presses('Use that');
  await one.presses('Save preferences');
  await one.isTold('Saved your preferences');
  await one.seesNot(/This browser is in/);
  await one.goes('/o/acme/audit');
  await one.sees('Time (Asia/Tokyo)');
  const time = one.main.locator('time').first();
  assert.match(await time.getAttribute('title'), /, \d\d:\d\d JST$/);
  assert.match(await time.getAttribute('datetime'), /Z$/);
  await one.goes('/o/acme/members');
  const seen = one.main.locator('time').first();
  await seen.focus();
  assert.match(await seen.evaluate((t) => getComputedStyle(t, '::after').content), /JST/, 'the exact time on focus, too');
});

story('the theme and the preferences are set without scripts', async (stage) => {
  const one = await stage.arrives(ana, { scripts: false, colorScheme: 'light' });
  await one.goes('/o/acme/members');
  await one.presses(/Your account/);
  await one.presses('Dark theme');
  await one.isAt('/o/acme/members');
  await one.isTold('Saved your preferences');
  assert.equal(await one.page.locator('html').getAttribute('data-theme'), 'dark');
  await one.goes('/me');
  await one.field('Time zone').selectOption('Europe/Berlin');
  await one.main.getByRole('switch', { name: 'Single-key shortcuts' }).click();
  await one.presses('Save preferences');
  await one.isTold('Saved your preferences');
  assert.equal(await one.page.locator('html').getAttribute('data-keys'), 'off');
  assert.equal(await one.field('Time zone').inputValue(), 'Europe/Berlin');
});
