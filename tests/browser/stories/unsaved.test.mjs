import assert from 'node:assert/strict';
import { ana, ben, story } from '../lib/story.mjs';

const ends = (stage) => stage.app.api('DELETE', '/me/sessions');

story('when the session ends, the sign-in opens over the form and the form goes on', async (stage) => {
  const one = await stage.arrives(ana);
  await one.goes('/o/acme/projects');
  await one.follows('Create project', one.main);
  await one.fills({ Name: 'Sensors' }, one.form);
  await ends(stage);
  await one.presses('Create project', one.form);
  const again = one.page.locator('#again');
  await one.sees('Sign in again', again);
  assert.equal(await one.field('E-mail', again).inputValue(), ana.email);
  await one.fills({ Password: 'not my password' }, again);
  await one.presses('Sign in', again);
  await one.sees(/do not go together/, again);
  await one.fills({ Password: ana.password }, again);
  await one.presses('Sign in', again);
  await one.isTold(/^Created Sensors/);
  assert.equal((await stage.app.api('GET', '/orgs/acme/projects')).items.length, 1);
});

story('somebody else who signs in over a page gets a page of their own', async (stage) => {
  await stage.joins(ben);
  const one = await stage.arrives(ana);
  await one.goes('/o/acme/members');
  await ends(stage);
  await one.page.getByRole('searchbox').first().fill('ben');
  const again = one.page.locator('#again');
  await one.sees('Sign in again', again);
  await one.fills({ 'E-mail': ben.email, Password: ben.password }, again);
  await one.presses('Sign in', again);
  await one.sees(ben.email, one.page.getByRole('navigation'));
  assert.equal(await one.page.locator('meta[name=csrf]').getAttribute('data-me'), ben.email);
});

story('without scripts what was typed waits behind the sign-in', async (stage) => {
  await stage.app.api('POST', '/orgs/acme/projects', { name: 'Sensors' });
  const one = await stage.opens(ana, { scripts: false });
  await one.signIn();
  await one.goes('/o/acme/projects/sensors/settings');
  await one.fills({ Description: 'Typed for an hour' }, one.main);
  await ends(stage);
  await one.presses('Save project', one.main);
  await one.isAt('/login');
  await one.fills({ 'E-mail': ana.email, Password: ana.password });
  await one.presses(/^Sign in$/);
  await one.sees('You were signed out before this was saved', one.main);
  await one.sees('Typed for an hour', one.main);
  assert.equal((await stage.app.api('GET', '/orgs/acme/projects/sensors')).description, '');
  await one.presses('Save it now', one.main);
  await one.isTold(/^Saved Sensors/);
  assert.equal((await stage.app.api('GET', '/orgs/acme/projects/sensors')).description, 'Typed for an hour');
});
