// Acme with enough in it to look at: people, roles, projects, somebody from outside, invitations, refusals.
import { Person } from './people.mjs';
import { ana, ben, chloe, dev, eva } from './cast.mjs';
import { App } from './app.mjs';

const MORE = ['Farid Haddad', 'Grace Nwosu', 'Hana Sato', 'Ivo Marković', 'Jonas Weber-Llewellyn'].map((name) => ({
  name,
  email: `${name.split(' ')[0].toLowerCase()}@acme.test`,
  password: ana.password,
}));

export async function filled(browser) {
  const app = await App.withOrg({ org: 'Acme', ...ana });
  const join = async (who, org, roles) => {
    await app.api('POST', `/orgs/${org}/invitations`, { emails: [who.email], roles });
    const person = await Person.open(browser, app, who, { scripts: false });
    await person.accepts(await app.mail.read(who.email, { subject: 'invited you' }));
    return person;
  };
  await app.api('PATCH', '/orgs/acme', { description: 'Environmental sensors, from the factory to the field' });
  await app.api('POST', '/orgs', { name: 'Globex' });
  const roles = [
    ['Engineers', 'Those who build', ['projects.create', 'members.read']],
    ['Auditors', 'Those who look', ['audit.read', 'members.read', 'roles.read']],
    ['Front desk', 'Those who let people in', ['members.invite', 'members.read']],
  ];
  const made = {};
  for (const [name, description, permissions] of roles) made[name] = await app.api('POST', '/orgs/acme/roles', { name, description, permissions });
  const keys = Object.values(made).map((r) => r.key);
  const evas = await join(eva, 'globex', ['DEFAULT']);
  let n = 0;
  for (const who of [ben, chloe, dev, ...MORE]) {
    const person = await join(who, 'acme', ['DEFAULT', keys[n++ % keys.length]]);
    if (who === ben) await person.goes('/o/acme/audit');
    if (who === chloe) await person.enrols();
    await person.context.close();
  }
  await evas.context.close();
  for (const name of ['Sensors', 'Field telemetry', 'Payroll', 'A project whose name is rather long, as names of projects come to be']) {
    await app.api('POST', '/orgs/acme/projects', { name, description: name === 'Sensors' ? 'What is out in the field' : '' });
  }
  const give = (project, subject, role) => app.api('POST', `/orgs/acme/projects/${project}/grants`, { subject, role });
  await give('sensors', { kind: 'role', id: made['Engineers'].id }, 'editor');
  await give('sensors', { kind: 'user', email: eva.email }, 'viewer');
  await give('sensors', { kind: 'user', email: dev.email }, 'owner');
  await give('field-telemetry', { kind: 'everyone' }, 'viewer');
  await give('payroll', { kind: 'user', email: chloe.email }, 'owner');
  await app.api('POST', '/orgs/acme/invitations', { emails: ['kim@acme.test', 'lena@elsewhere.test'], roles: ['DEFAULT'] });
  const { items } = await app.api('GET', '/orgs/acme/members?q=grace');
  await app.api('PATCH', `/orgs/acme/members/${items[0].id}`, { status: 'suspended' });
  return { app, role: made['Engineers'], member: items[0], grant: (await app.api('GET', '/orgs/acme/projects/sensors/grants')).items[0] };
}
