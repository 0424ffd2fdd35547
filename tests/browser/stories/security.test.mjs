import assert from 'node:assert/strict';
import { ana, ben, chloe, story } from '../lib/story.mjs';

story('requiring two-factor names who is not enrolled, and walks them through it before anything else', async (stage) => {
  const bens = await stage.joins(ben);
  const one = await stage.arrives(ana);
  await one.enrols();
  await one.goes('/o/acme');
  await one.follows('Review and require', one.main);
  await one.sees('Ben Okafor', one.main);
  await one.presses('Turn on now', one.main);
  await one.isTold(/^Required two-factor sign-in/);
  const policy = await stage.app.api('GET', '/orgs/acme/security-policy', );
  assert.notEqual(policy.mfa, 'off');

  await bens.goes('/o/acme/projects');
  await bens.isAt('/me/mfa');
  await bens.sees(/Acme asks for two-factor sign-in/);
  await bens.goes('/o/acme/projects');
  await bens.isAt('/me/mfa');
  await bens.enrols();
  await bens.follows('Continue', bens.main);
  await bens.isAt('/o/acme/projects');
});

story('a preview that is out of date is not saved: who comes meanwhile is named first', async (stage) => {
  const one = await stage.arrives(ana);
  await one.enrols();
  await one.goes('/o/acme/security');
  await stage.joins(chloe);
  await one.presses('Turn on now', one.main);
  await one.isRefused(/changed since you looked/);
  await one.sees('Chloe Martin', one.main);
  const policy = await stage.app.api('GET', '/orgs/acme/security-policy');
  assert.equal(policy.mfa, 'off');
});

story('an ADMIN without an authenticator is not locked out by their own switch', async (stage) => {
  await stage.joins(ben);
  const one = await stage.arrives(ana);
  await one.goes('/o/acme/security');
  await one.sees('Ana Ruiz', one.main);
  await one.presses('Turn on now', one.main);
  await one.isAt('/me/mfa');
  await one.enrols();
  await one.goes('/o/acme');
  await one.isAt('/o/acme');
});
