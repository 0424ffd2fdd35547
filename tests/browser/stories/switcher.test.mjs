import { ana, ben, story } from '../lib/story.mjs';

for (const scripts of [true, false])
  story(`the switcher keeps the page one is on ${scripts ? 'with' : 'without'} scripts`, async (stage) => {
    await stage.app.api('POST', '/orgs', { name: 'Globex' });
    await stage.joins(ben, { org: 'globex' });
    await stage.app.api('POST', '/orgs/acme/members', { members: [{ email: ben.email, roles: ['ADMIN'] }] });
    const one = await stage.opens(ben, { scripts });
    await one.signIn();
    await one.goes('/o/acme/projects');
    await one.presses(/Switch organization/);
    await one.follows(/Globex/);
    await one.isAt('/o/globex/projects');
    await one.goes('/o/acme/audit');
    await one.presses(/Switch organization/);
    await one.follows(/Globex/);
    await one.isAt('/o/globex/projects'); // the log is not his there
    await one.goes('/');
    await one.isAt('/o/globex/projects'); // where he was last
  });

story('beyond ten organizations the switcher has a search field', async (stage) => {
  for (let n = 10; n < 22; n++) await stage.app.api('POST', '/orgs', { name: `Plant ${n}` });
  const one = await stage.arrives(ana);
  await one.goes('/o/acme/members');
  await one.presses(/Switch organization/);
  await one.page.getByLabel('Find an organization').fill('plant 21');
  const found = one.page.locator('[popover]:popover-open');
  await one.sees('Plant 21', found);
  await one.seesNot(found.getByRole('link', { name: /Plant 10/ }));
  await one.follows(/Plant 21/, found);
  await one.isAt('/o/plant-21/members');
});
