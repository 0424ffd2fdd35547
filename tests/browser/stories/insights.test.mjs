import assert from 'node:assert/strict';
import { ana, ben, eva, story } from '../lib/story.mjs';

story('Ana asks the map who reaches what, and narrows it by a second question', async (stage) => {
  const { app } = stage;
  await app.api('POST', '/orgs/acme/roles', { name: 'Data', permissions: [] });
  await app.api('POST', '/orgs/acme/projects', { name: 'Sensors' });
  await stage.joins(ben, { roles: ['DEFAULT', 'data'] });
  await app.api('POST', '/orgs', { name: 'Globex' });
  await stage.joins(eva, { org: 'globex' });
  await app.api('POST', '/orgs/acme/projects/sensors/grants', { subject: { kind: 'user', email: eva.email }, role: 'viewer' });
  const role = (await app.api('GET', '/orgs/acme/roles?q=data')).items[0];
  await app.api('POST', '/orgs/acme/projects/sensors/grants', { subject: { kind: 'role', id: role.id }, role: 'editor' });

  const one = await stage.arrives(ana);
  await one.goes('/o/acme');
  await one.follows('Insights');
  await one.sees('2 members, 2 more than a year ago');
  await one.sees('2 of 2 members have no second factor');
  await one.sees('1 person from outside reaches 1 of 1 project');
  await one.link('Ben Okafor', one.main).click();
  await one.sees('Ben Okafor reaches 1 of 1 project');
  assert.match(one.page.url(), /person=usr_\w+#access$/);
  await one.link('Sensors', one.region('Ben Okafor')).click();
  await one.sees('Ben Okafor is Editor of Sensors through Data');
  // What was picked is taken away where it stands.
  await one.follows(/^Ben Okafor.*remove filter/);
  await one.sees('3 people reach Sensors, 1 of them from outside');
  await one.region('3 people').getByText('Show as a table').click();
  await one.sees(one.row('Eva Lindqvist (external)').filter({ hasText: 'Direct access' }).filter({ hasText: 'Viewer' }));
  const [file] = await Promise.all([one.page.waitForEvent('download'), one.link(/^CSV of who/).click()]);
  assert.equal(file.suggestedFilename(), 'access-acme.csv');
  await one.link(/with a password alone/, one.region('2 of 2 members')).click();
  await one.isAt('/o/acme/members');
});
