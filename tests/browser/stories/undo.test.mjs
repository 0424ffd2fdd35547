import assert from 'node:assert/strict';
import { ana, ben, story } from '../lib/story.mjs';

async function isSuspended(stage) {
  return (await stage.member(ben)).status === 'suspended';
}

async function suspends(one, member) {
  await one.goes(`/o/acme/members/${member.id}/suspension`);
  await one.presses(/^Suspend/, one.main);
  await one.isTold(/^Suspended Ben Okafor/);
}

const toast = (one) => one.page.locator('#toasts .toast');

story('a change is taken back from the toast that tells of it', async (stage) => {
  await stage.joins(ben);
  const member = await stage.member(ben);
  const one = await stage.arrives(ana);
  await suspends(one, member);
  assert.ok(await isSuspended(stage));
  await one.presses('Undo', toast(one));
  await one.isTold(/^Undid: suspended Ben Okafor/);
  assert.ok(!(await isSuspended(stage)));
  // And brought again, by the keyboard.
  await toast(one).getByRole('button', { name: 'Redo' }).focus();
  await one.page.keyboard.press('Enter');
  await one.isTold(/^Redid: suspended Ben Okafor/);
  assert.ok(await isSuspended(stage));
});

story('a toast waits for whoever is at it, and the audit log waits for everybody', async (stage) => {
  await stage.joins(ben);
  const member = await stage.member(ben);
  const one = await stage.arrives(ana);
  await one.page.clock.install();
  await suspends(one, member);
  const undo = toast(one).getByRole('button', { name: 'Undo' });
  await undo.focus();
  await one.page.clock.runFor(30_000);
  await one.sees(undo);
  await one.page.locator('#main').focus();
  await one.page.clock.runFor(11_000);
  await one.seesNot(undo);
  await one.goes('/o/acme/audit');
  await one.page.getByText('suspended Ben Okafor').first().click();
  await one.follows(/^Undo suspended Ben Okafor/, one.main);
  await one.sees('Undo this change?', one.form);
  await one.sees('Membership', one.form);
  await one.presses('Undo', one.form);
  await one.isTold(/^Undid: suspended Ben Okafor/);
  assert.ok(!(await isSuspended(stage)));
});

story('without scripts the button is part of the next page', async (stage) => {
  await stage.joins(ben);
  const member = await stage.member(ben);
  const one = await stage.opens(ana, { scripts: false });
  await one.signIn();
  await suspends(one, member);
  await one.presses('Undo', toast(one));
  await one.isTold(/^Undid: suspended Ben Okafor/);
  assert.ok(!(await isSuspended(stage)));
  await one.goes('/o/acme/audit');
  await one.page.getByText('undid: suspended Ben Okafor').first().click();
  await one.follows(/^What changed/, one.row('undid: suspended Ben Okafor'));
  await one.follows(/^Undo undid/, one.main);
  await one.presses('Undo', one.main);
  await one.isTold(/^Redid/);
  assert.ok(await isSuspended(stage));
});
