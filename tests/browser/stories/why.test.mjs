import assert from 'node:assert/strict';
import { ana, ben, story } from '../lib/story.mjs';

const ways = async (stage) => {
  const { app } = stage;
  await app.api('POST', '/orgs/acme/roles', { name: 'Data', permissions: [] });
  await app.api('POST', '/orgs/acme/projects', { name: 'Sensors' });
  await stage.joins(ben, { roles: ['DEFAULT', 'data'] });
  const role = (await app.api('GET', '/orgs/acme/roles?q=data')).items[0];
  const member = (await app.api('GET', `/orgs/acme/members?q=${ben.email}`)).items[0];
  await app.api('POST', '/orgs/acme/projects/sensors/grants', { subject: { kind: 'role', id: role.id }, role: 'editor' });
  await app.api('POST', '/orgs/acme/projects/sensors/grants', { subject: { kind: 'user', id: member.user_id }, role: 'viewer' });
};

for (const scripts of [true, false]) {
  story(`Ana asks why Ben may change Sensors, and what would remain ${scripts ? 'with' : 'without'} scripts`, async (stage) => {
    await ways(stage);
    const one = await stage.arrives(ana, { scripts });
    await one.goes('/o/acme');
    await one.follows('Why');
    await one.sees('Whose access?');
    await one.main.getByLabel('Project').selectOption('Sensors');
    await one.main.getByRole('searchbox').fill('okafor');
    if (!scripts) await one.presses('Search', one.main);
    await one.link('Ben Okafor', one.main).click();
    await one.sees('Ben Okafor may do 2 things on Sensors, in 2 ways');
    await one.sees(one.row('Change the project').filter({ hasText: 'Data, which is Editor' }));
    await one.main.getByRole('checkbox', { name: 'Select Ben Okafor holds Data' }).check();
    await one.presses('See what would remain', one.main);
    await one.sees('Without what is ticked, 1 of 2 would remain.');
    await one.sees(one.row('Change the project').filter({ hasText: 'Gone' }));
    await one.sees(one.row('See the project').filter({ hasText: 'Stays' }));
    // Where it is changed is one click away, and nothing was changed yet.
    assert.equal(await one.region('To end all of it').getByRole('link').count(), 2);
    await one.link('Ben Okafor is Viewer of Sensors', one.region('To end all of it')).click();
    await one.sees(/Ben Okafor/);
    await one.goes(`/o/acme/members`);
    await one.link('Ben Okafor', one.main).click();
    await one.link(/^Why they/, one.main).click();
    await one.sees(/^Ben Okafor may do \d+ things? in Acme/);
  });
}
