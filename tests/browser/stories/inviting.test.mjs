import assert from 'node:assert/strict';
import { ana, ben, chloe, eva, story } from '../lib/story.mjs';

story('several people are invited at once, and join as new people or with the account they have', async (stage) => {
  await stage.app.api('POST', '/orgs', { name: 'Globex' });
  const evas = await stage.joins(eva, { org: 'globex' });

  const one = await stage.arrives(ana);
  await one.goes('/o/acme');
  await one.follows('Invite people', one.main);
  await one.fills({ 'E-mail addresses': `${ben.email}\n${chloe.email}, ${eva.email}` }, one.form);
  await one.presses('Invite people', one.form);
  await one.isTold(/^Invited 3 people/);

  const mail = await stage.app.mail.read(ben.email);
  assert.equal(mail.subject, 'Ana Ruiz invited you to Acme');
  assert.match(mail.html, /Accept the invitation/);
  const bens = await stage.opens(ben);
  await bens.goes(mail.links[0]);
  assert.doesNotMatch(bens.page.url(), /invitations\/./, 'the token has left the address');
  await bens.sees(/Acme/);
  await bens.accepts(mail);
  await bens.isAt(/^\/o\/acme/);
  assert.deepEqual((await stage.member(ben)).roles.map((r) => r.key), ['DEFAULT']);

  await evas.accepts(await stage.app.mail.read(eva.email, { subject: 'Acme' }), { isNew: false });
  await evas.isAt(/^\/o\/acme/);
  assert.equal((await stage.member(eva)).status, 'active');

  await one.goes('/o/acme/invitations');
  await one.sees(chloe.email);
});

story('an invitation is for one address only, and works once', async (stage) => {
  const bens = await stage.joins(ben);
  await stage.app.api('POST', '/orgs/acme/invitations', { emails: [chloe.email], roles: ['ADMIN'] });
  const mail = await stage.app.mail.read(chloe.email);
  await bens.goes(mail.links[0]);
  await bens.isRefused(new RegExp(`for ${chloe.email}`));
  assert.equal((await stage.member(ben)).roles[0].key, 'DEFAULT');

  const chloes = await stage.opens(chloe);
  await chloes.accepts(mail);
  const again = await stage.opens(eva);
  await again.goes(mail.links[0]);
  await again.isRefused(/no longer|used|not valid|accepted/i);
});

story('a bad address is told by itself and does not keep the others back', async (stage) => {
  const one = await stage.arrives(ana);
  await one.goes('/o/acme/invitations/new');
  await one.fills({ 'E-mail addresses': `${ben.email}\nnonsense` }, one.main);
  await one.presses('Invite people', one.main);
  await one.sees(/nonsense/);
  await stage.app.mail.read(ben.email);
});

story('a withdrawn invitation opens nothing; sent again, the new link works and the old one does not', async (stage) => {
  const one = await stage.arrives(ana);
  await stage.app.api('POST', '/orgs/acme/invitations', { emails: [ben.email] });
  const first = await stage.app.mail.read(ben.email);
  await one.goes('/o/acme');
  await one.presses(/^Send again/, one.region('Invitations'));
  await one.isTold(/^Sent/);
  const second = await stage.app.mail.read(ben.email);
  assert.notEqual(first.links[0], second.links[0]);

  const bens = await stage.opens(ben);
  await bens.goes(first.links[0]);
  await bens.isRefused(/no longer|not valid|used/i);

  await one.presses(/^Revoke/, one.region('Invitations'));
  await one.isTold(/^(Revoked|Withdr)/);
  await bens.goes(second.links[0]);
  await bens.isRefused(/no longer|not valid|used|withdrawn/i);
});
