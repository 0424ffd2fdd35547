import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { ana, ben, story } from '../lib/story.mjs';

story('the audit log tells what was done and refused, is filtered and exported', async (stage) => {
  const bens = await stage.joins(ben);
  const one = await stage.arrives(ana);
  await one.goes('/o/acme/projects/new');
  await one.fills({ Name: 'Sensors' }, one.main);
  await one.presses('Create project', one.main);
  await one.isTold(/^Created/);
  await bens.goes('/o/acme/members');
  await bens.goes('/o/acme/audit');
  assert.equal(await bens.heading(), 'Not allowed');

  await one.goes('/o/acme/audit');
  await one.sees(/created the project Sensors/);
  await one.sees(one.row('Ben Okafor').filter({ hasText: /denied|refused/i }));

  await one.goes('/o/acme/audit?action=project.create');
  await one.sees(/created the project Sensors/);
  await one.seesNot(one.row(/invited 1 person/));

  await one.goes('/o/acme/audit');
  const download = one.page.waitForEvent('download');
  await one.presses('Export', one.main);
  await one.follows(/CSV/);
  const csv = await readFile(await (await download).path(), 'utf8');
  assert.match(csv, /created the project Sensors/);
  assert.match(csv.split('\n')[0], /action/);
});
