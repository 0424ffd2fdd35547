import assert from 'node:assert/strict';
import { ana, ben, chloe, story } from '../lib/story.mjs';

story('signing in asks for a code once an authenticator is set up, and takes each code once', async (stage) => {
  const one = await stage.arrives(ana);
  const first = await one.enrols();
  await one.follows(/I have kept them|Continue/, one.main);

  await one.signOut();
  await one.givesPassword();
  await one.givesCode(first);
  await one.isRefused(/not right, or was used already/);

  const second = await one.authenticator.code();
  await one.givesCode(second);
  await one.isAt('/o/acme');

  const elsewhere = await stage.opens(ana);
  await elsewhere.givesPassword();
  await elsewhere.givesCode(second);
  await elsewhere.isRefused(/not right, or was used already/);
});

story('a wrong password tells nothing about who has an account', async (stage) => {
  const said = [];
  for (const email of [ana.email, 'nobody@acme.test']) {
    const one = await stage.opens({ ...ana, email });
    await one.goes('/login');
    await one.fills({ 'E-mail': email, Password: 'seven blue cups of rain' });
    await one.presses(/^Sign in$/);
    await one.isRefused(/do not go together/);
    said.push((await one.main.innerText()).replaceAll(email, ''));
  }
  assert.equal(said[0], said[1]);
});

story('a forgotten password is set anew by mail, and every session ends', async (stage) => {
  const there = await stage.arrives(ana);
  const one = await stage.opens(ana);
  await one.goes('/login');
  await one.follows('Forgotten your password?');
  await one.fills({ 'E-mail': ana.email });
  await one.presses('Send the link');
  const mail = await stage.app.mail.read(ana.email, { subject: 'Set a new password' });
  await one.goes(mail.links.find((l) => l.includes('/password/reset/')));
  assert.doesNotMatch(one.page.url(), /reset\/./, 'the token has left the address');
  await one.fills({ 'New password': 'nine quiet herons paint' });
  await one.presses('Set new password');
  await one.isAt('/login');
  await one.signIn({ password: 'nine quiet herons paint' });

  await there.goes('/o/acme');
  await there.isAt('/login');
});

story('signing out everywhere else ends the other browser', async (stage) => {
  const here = await stage.arrives(ana);
  const there = await stage.arrives(ana);
  await here.goes('/me/sessions');
  await here.presses('Sign out everywhere else');
  await here.isTold(/^(Signed out|Ended)/);
  await here.seesNot(here.button('Sign out everywhere else'));

  await there.goes('/o/acme');
  await there.isAt('/login');
  await here.goes('/o/acme');
  await here.isAt('/o/acme');
});

story('a token opens the API until it is revoked, and the cookie never does', async (stage) => {
  const one = await stage.arrives(ana);
  await one.goes('/me/tokens');
  await one.fills({ Name: 'nightly export' });
  await one.presses('Create token');
  const secret = /bwp_[A-Za-z0-9_-]+/.exec(await one.main.innerText())?.[0];
  assert.ok(secret, 'the token is shown');

  const me = await stage.app.api('GET', '/me', undefined, { token: secret });
  assert.equal(me.email, ana.email);
  const { items } = await stage.app.api('GET', '/orgs/acme/members', undefined, { token: secret });
  assert.deepEqual(items.map((m) => m.name), [ana.name]);
  const byCookie = await one.context.request.get('/api/v1/me');
  assert.equal(byCookie.status(), 401);

  await one.goes('/me/tokens');
  assert.doesNotMatch(await one.page.content(), new RegExp(secret), 'it is shown once');
  await one.follows(/Revoke.*nightly export/);
  await one.presses('Revoke nightly export', one.page.getByRole('dialog'));
  await one.isTold(/^Revoked/);
  await stage.app.api('GET', '/me', undefined, { token: secret, status: 401 });
});

story('signing in lands where one was last, and the switcher leads elsewhere', async (stage) => {
  const one = await stage.arrives(ana);
  await one.presses('Switch organization');
  await one.follows('Create organization');
  await one.fills({ Name: 'Globex' }, one.main);
  await one.presses('Create organization', one.main);
  await one.isAt('/o/globex');
  await one.signOut();
  await one.signIn();
  await one.isAt('/o/globex');

  await one.presses('Switch organization');
  await one.follows(/^(AC\s*)?Acme/);
  await one.isAt('/o/acme');
  await one.signOut();
  await one.signIn();
  await one.isAt('/o/acme');
});

story('one organization is invisible from another', async (stage) => {
  await stage.app.api('POST', '/orgs', { name: 'Globex' });
  const two = await stage.joins(ben);
  const three = await stage.joins(chloe, { org: 'globex', roles: ['ADMIN'] });
  for (const [who, path] of [[two, '/o/globex'], [three, '/o/acme'], [three, '/o/no-such-place']]) {
    await who.goes(path);
    assert.equal(await who.heading(), 'Not found');
  }
});
