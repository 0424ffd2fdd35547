// The ten first jobs of a new admin, each from the Organization Admin page and with at most three clicks. Typing is no click; a button, a link, a tick is.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { ana, ben, eva, story } from '../lib/story.mjs';

const MOST = 3;
const HOME = '/o/acme';

/** Begins at the admin page, and counts what is clicked on the way. */
async function job(one, name, does) {
  await one.goes(HOME);
  let clicks = 0;
  const counted = Object.create(one);
  for (const act of ['follows', 'presses', 'chooses', 'opens']) counted[act] = (...what) => (clicks++, one[act](...what));
  await does(counted);
  console.log(`${name}: ${clicks} clicks`);
  assert.ok(clicks > 0 && clicks <= MOST, `${name} takes ${clicks} clicks`);
}

story('ten first jobs take a new admin three clicks each', async (stage) => {
  await stage.joins(ben);
  await stage.app.api('POST', '/orgs', { name: 'Globex' });
  await stage.joins(eva, { org: 'globex' });
  await stage.app.api('POST', '/orgs/acme/projects', { name: 'Sensors' });
  const one = await stage.arrives(ana);
  await one.enrols();

  await job(one, 'create an organization', async (p) => {
    await p.presses('Switch organization');
    await p.follows('Create organization');
    await p.fills({ Name: 'Brook' }, p.main);
    await p.presses('Create organization', p.main);
    await p.isAt('/o/brook');
  });

  await job(one, 'invite three', async (p) => {
    await p.follows('Invite people', p.main);
    await p.fills({ 'E-mail addresses': 'lia@acme.test, mo@acme.test\nnur@acme.test' }, p.form);
    await p.presses('Invite people', p.form);
    await p.isTold(/^Invited 3 people/);
  });

  await job(one, 'make a role', async (p) => {
    await p.follows('Create role', p.region('Roles'));
    await p.fills({ Name: 'Engineers' }, p.form);
    await p.presses('Create role', p.form);
    await p.isTold(/^Created/);
  });

  await job(one, 'give it a project', async (p) => {
    const row = p.row('Sensors', p.region('Projects'));
    await p.presses('Assign access to Sensors', row);
    const assign = p.page.locator('[popover]:popover-open');
    await p.chooses(/^Engineers/, assign);
    await p.presses(/^Assign$/, assign);
    await p.isTold(/^Gave Engineers/);
    await p.sees(row.locator('[data-kind=role]').filter({ hasText: 'Engineers' }));
  });

  await job(one, 'add somebody from outside', async (p) => {
    await p.follows('Sensors', p.region('Projects'));
    await p.follows('Give access', p.main);
    await p.fills({ 'Or somebody from outside': eva.email }, p.form);
    await p.presses('Give access', p.form);
    await p.isTold(/^Gave Eva Lindqvist/);
  });

  await job(one, 'enforce two-factor', async (p) => {
    await p.follows('Review and require', p.main);
    await p.sees('Ben Okafor', p.main);
    await p.presses('Turn on now', p.main);
    await p.isTold(/^Required two-factor sign-in/);
  });

  await job(one, 'remove a person', async (p) => {
    await p.presses('More for Ben Okafor', p.region('Accounts'));
    await p.follows('Remove Ben Okafor', p.page.locator('[popover]:popover-open'));
    await p.presses(/^Remove/, p.form);
    await p.isTold(/^Removed Ben Okafor/);
  });

  await job(one, 'find who changed what', async (p) => {
    await p.follows('View audit log', p.main);
    const row = p.row('created the role Engineers');
    await p.sees('Ana Ruiz', row);
    await p.opens('created the role Engineers', row);
    await p.sees('After', row);
  });

  await job(one, 'export the members', async (p) => {
    await p.follows('Manage accounts', p.main);
    const download = p.page.waitForEvent('download');
    await p.presses('Export', p.main);
    await p.follows(/CSV/);
    assert.match(await readFile(await (await download).path(), 'utf8'), /ana@acme\.test/);
  });

  await job(one, 'switch the organization', async (p) => {
    await p.presses('Switch organization');
    await p.follows('Brook', p.page.locator('[popover]:popover-open'));
    await p.isAt('/o/brook');
  });
});
