import assert from 'node:assert/strict';
import { ana, story } from '../lib/story.mjs';

const people = (n) => ['email,name', ...Array.from({ length: n }, (_, at) => `p${at}@people.example,Person ${at}`)].join('\n');

story('Ana sees what becomes of every row, watches the import, stops it, and it goes on after the program was killed', async (stage) => {
  const { app } = stage;
  const one = await stage.arrives(ana);
  await one.goes('/o/acme/members');
  await one.follows('Import');
  await one.isAt('/o/acme/imports/new');
  await one.main.getByLabel('CSV file').setInputFiles({ name: 'people.csv', mimeType: 'text/csv', buffer: Buffer.from(`${people(4000)}\n${ana.email},\nnobody,`) });
  await one.main.getByText('Add them at once').click();
  await one.presses('Check the rows', one.main);
  // The page follows by itself: the stream tells how far it is, and at the end the page is shown anew.
  await one.sees('Nothing has changed yet');
  await one.sees('2 rows will be left out');
  await one.follows(/^Cannot be taken/);
  await one.sees(one.row('nobody'));
  assert.equal((await app.api('GET', '/orgs/acme/members?count=true')).count, 1);

  await one.presses('Add 4,000 people', one.main);
  await one.sees('of 4,000 taken in');
  await one.page.getByRole('progressbar').waitFor();
  await one.presses('Stop the import', one.main);
  await one.sees('Stopped.');
  const { id, done } = (await app.api('GET', '/orgs/acme/imports')).items[0];
  assert.ok(done < 4000, `${done} were taken in before it was stopped`);
  await one.presses(`Add ${(4000 - done).toLocaleString('en')} people`, one.main);
  await one.sees('of 4,000 taken in');
  // A page that listens would say that nobody answers.
  await one.page.goto('about:blank');
  await app.kill();
  await app.start();
  await one.goes(`/o/acme/imports/${id}`);
  await one.page.getByText('4,000 people were taken in.').waitFor({ timeout: 120_000 });
  const file = await fetch(`${app.url}/api/v1/orgs/acme/members?format=ndjson`, { headers: { authorization: `Bearer ${app.token}` } });
  assert.equal((await file.text()).trim().split('\n').length, 4001, 'nobody is taken in twice, and nobody is left out');
});

story('without scripts a file is brought, checked and run, and its page looks again by itself', async (stage) => {
  const one = await stage.arrives(ana, { javaScriptEnabled: false });
  await one.goes('/o/acme/imports/new');
  await one.fills({ 'Or paste its rows': 'email\nnew@people.example' }, one.main);
  await one.presses('Check the rows', one.main);
  await one.sees('Nothing has changed yet');
  await one.presses('Invite 1 person', one.main);
  await one.sees('1 person was taken in.');
});
