import assert from 'node:assert/strict';
import { ana, ben, dev, eva, story } from '../lib/story.mjs';

const chip = (row, kind, name) => row.locator(`[data-kind="${kind}"]`).filter({ hasText: name });

story('a role on a project reaches everyone who holds the role', async (stage) => {
  const bens = await stage.joins(ben);
  const one = await stage.arrives(ana);

  await one.goes('/o/acme');
  await one.follows('Create role', one.main);
  await one.fills({ Name: 'Engineers' }, one.form);
  await one.presses('Create role', one.form);
  await one.isTold(/^Created/);

  await one.goes('/o/acme');
  await one.follows('Create project', one.region('Projects'));
  await one.fills({ Name: 'Sensors' }, one.form);
  await one.presses('Create project', one.form);
  await one.isTold(/^Created/);

  await one.goes('/o/acme');
  const row = one.row('Sensors', one.region('Projects'));
  await one.presses('Assign access to Sensors', row);
  const assign = one.page.locator('[popover]').filter({ has: one.page.getByRole('button', { name: 'Assign', exact: true }) });
  await one.chooses(/^Engineers/, assign);
  await one.chooses('Editor', assign);
  await one.presses(/^Assign$/, assign);
  await one.isTold(/^Gave Engineers Editor/);
  await one.sees(chip(row, 'role', 'Engineers'));

  await bens.goes('/o/acme/projects');
  await bens.seesNot('Sensors');

  const member = await stage.member(ben);
  await one.goes(`/o/acme/members/${member.id}/roles`);
  await one.chooses('Engineers', one.main);
  await one.presses('Save roles', one.main);
  await one.isTold(/^Changed the roles of Ben Okafor/);

  await bens.goes('/o/acme/projects');
  await bens.follows('Sensors', bens.main);
  assert.equal(await bens.heading(), 'Sensors');
});

story('an address without an account is given access from the list, and its person takes the account up by the mail', async (stage) => {
  await stage.app.api('POST', '/orgs/acme/projects', { name: 'Sensors' });
  const one = await stage.arrives(ana);
  await one.goes('/o/acme/projects');
  const row = one.row('Sensors');
  await one.presses('Assign access to Sensors', row);
  const assign = one.page.locator('[popover]').filter({ has: one.page.getByRole('button', { name: 'Assign', exact: true }) });
  await assign.getByRole('searchbox').fill(eva.email);
  await one.sees('From outside', assign);
  await one.chooses(eva.email, assign);
  await one.chooses('Editor', assign);
  await one.presses(/^Assign$/, assign);
  await chip(row, 'external', eva.email).first().waitFor();

  const mail = await stage.app.mail.read(eva.email, { subject: 'gave you access' });
  const evas = await stage.opens(eva);
  await evas.goes(mail.links.find((l) => l.includes('/password/reset/')));
  await evas.fills({ 'Your name': eva.name, 'Choose a password': eva.password }, evas.main);
  await evas.presses('Open the account', evas.main);
  await evas.isAt('/login');
  await evas.signIn();
  await evas.goes('/o/acme/projects/sensors');
  await evas.sees('Sensors');
  await one.goes('/o/acme/projects');
  await chip(one.row('Sensors'), 'external', eva.name).first().waitFor();
});

story('people from outside stand in blue, see the project they were given, and nothing else', async (stage) => {
  await stage.app.api('POST', '/orgs', { name: 'Globex' });
  const evas = await stage.joins(eva, { org: 'globex' });
  await stage.joins(ben);
  await stage.app.api('POST', '/orgs/acme/projects', { name: 'Sensors' });
  await stage.app.api('POST', '/orgs/acme/projects', { name: 'Payroll' });

  const one = await stage.arrives(ana);
  await one.goes('/o/acme/projects/sensors');
  await one.follows('Give access', one.main);
  await one.fills({ 'Or somebody from outside': eva.email }, one.form);
  await one.chooses('Viewer', one.form);
  await one.presses('Give access', one.form);
  await one.isTold(/^Gave Eva Lindqvist Viewer/);
  await stage.app.api('POST', '/orgs/acme/projects/sensors/grants', { subject: { kind: 'user', email: ben.email }, role: 'editor' });

  await one.goes('/o/acme');
  const row = one.row('Sensors', one.region('Projects'));
  // Painted on a canvas, so that any notation of a colour becomes red, green and blue.
  const colour = (kind, name) =>
    chip(row, kind, name).first().evaluate((e) => {
      const canvas = document.createElement('canvas').getContext('2d');
      canvas.fillStyle = getComputedStyle(e).color;
      canvas.fillRect(0, 0, 1, 1);
      return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
    });
  const isBlue = ([r, g, b]) => b > r + 40 && b > g + 20;
  assert.ok(isBlue(await colour('external', 'Eva Lindqvist')), 'an external is blue');
  assert.ok(!isBlue(await colour('member', 'Ben Okafor')), 'a member is not');

  const mail = await stage.app.mail.read(eva.email, { subject: 'gave you access' });
  await evas.goes(mail.links[0]);
  await evas.sees('Sensors');
  await evas.seesNot('Payroll');
  for (const path of ['/o/acme', '/o/acme/members', '/o/acme/audit', '/o/acme/projects/payroll']) {
    await evas.goes(path);
    assert.match(await evas.heading(), /^Not (found|allowed)$/, path);
  }
});

story('an owner of a project who is no admin shares it from its own page', async (stage) => {
  const devs = await stage.joins(dev);
  const bens = await stage.joins(ben);
  await stage.app.api('POST', '/orgs/acme/projects', { name: 'Sensors' });
  await stage.app.api('POST', '/orgs/acme/projects/sensors/grants', { subject: { kind: 'user', email: dev.email }, role: 'owner' });

  await devs.goes('/o/acme');
  assert.equal(await devs.heading(), 'Not allowed');
  await devs.goes('/o/acme/projects/sensors');
  await devs.follows('Give access', devs.main);
  const picker = devs.field('Role or account', devs.form);
  await picker.selectOption({ label: (await picker.locator('option', { hasText: 'Ben Okafor' }).innerText()).trim() });
  await devs.chooses('Viewer', devs.form);
  await devs.presses('Give access', devs.form);
  await devs.isTold(/^Gave Ben Okafor Viewer/);
  await bens.goes('/o/acme/projects/sensors');
  assert.equal(await bens.heading(), 'Sensors');
  await bens.seesNot(bens.link('Give access', bens.main));

  await devs.follows(/^Change access of Ben Okafor/, devs.main);
  await devs.chooses(/^Editor/, devs.form);
  await devs.presses('Save level', devs.form);
  await devs.isTold(/^Changed Ben Okafor to Editor/);

  await devs.follows(/^Remove Ben Okafor/, devs.main);
  await devs.sees(/1 person loses this access/, devs.form);
  await devs.sees('Ben Okafor', devs.form);
  await devs.presses(/^Remove access/, devs.form);
  await devs.isTold(/^Removed Ben Okafor/);
  await bens.goes('/o/acme/projects/sensors');
  assert.equal(await bens.heading(), 'Not found');
});

story('a project somebody has access to is not deleted, and says who has it', async (stage) => {
  await stage.joins(ben);
  await stage.app.api('POST', '/orgs/acme/projects', { name: 'Sensors' });
  const grant = await stage.app.api('POST', '/orgs/acme/projects/sensors/grants', { subject: { kind: 'user', email: ben.email }, role: 'viewer' });
  const one = await stage.arrives(ana);
  await one.goes('/o/acme/projects/sensors');
  await one.follows('Delete project', one.main);
  await one.sees(/Sensors is in use/, one.form);
  await one.sees('Ben Okafor', one.form);
  await one.seesNot(one.button('Delete project', one.form));

  await stage.app.api('DELETE', `/orgs/acme/projects/sensors/grants/${grant.id}`);
  await one.goes('/o/acme/projects/sensors');
  await one.follows('Delete project', one.main);
  await one.sees(one.form.getByRole('button', { name: 'Delete project', disabled: true }));
  await one.fills({ Type: 'sensors' }, one.form);
  await one.presses('Delete project', one.form);
  await one.isTold(/^Deleted Sensors/);
  await one.goes('/o/acme/projects/sensors');
  assert.equal(await one.heading(), 'Not found');
});
