// States of pages that an address alone does not show: each a name and the way there.
export const states = (org) => [
  [
    'dialog-invite',
    async (p) => {
      await p.goes(org);
      await p.follows('Invite people', p.main);
      await p.form.getByRole('button', { name: 'Invite people' }).waitFor();
    },
  ],
  [
    'dialog-invite-wrong',
    async (p) => {
      await p.fills({ 'E-mail addresses': 'ana@acme.example, not an address' }, p.form);
      await p.presses('Invite people', p.form);
      await p.form.getByRole('alert').first().waitFor();
    },
  ],
  [
    'assign-open',
    async (p) => {
      await p.goes(`${org}/projects`);
      await p.main.getByRole('button', { name: /^Assign/ }).or(p.main.getByRole('link', { name: /^Assign/ })).first().click();
      await p.page.locator('[popover]:popover-open input:not([type=hidden]), dialog[open] input:not([type=hidden])').first().waitFor();
    },
  ],
  [
    'selected',
    async (p) => {
      await p.goes(`${org}/members`);
      await p.main.getByRole('checkbox', { name: /^Select / }).nth(1).check();
      await p.main.getByRole('checkbox', { name: /^Select / }).nth(2).check();
      await p.page.locator('.bulk.on').waitFor();
      // Where the bar has come to rest below the list: on the way there it lies over half a row now and then, as everything does that stays put.
      await p.page.evaluate(() => scrollTo(0, document.body.scrollHeight));
    },
  ],
  [
    'selected-all',
    async (p) => {
      await p.goes(`${org}/members?rows=25`);
      await p.main.getByRole('checkbox', { name: /^Select / }).nth(1).check();
      if (await p.main.getByRole('checkbox', { name: /that match/ }).isVisible()) throw new Error('one row is not the page, and offers no more than itself');
      await p.main.getByRole('checkbox', { name: 'Select all on this page' }).check();
      await p.main.getByRole('checkbox', { name: /^All \d+ that match/ }).check();
      await p.main.getByText(/^\d+ selected/).waitFor();
      await p.presses('Take role', p.main);
      await p.sees(/^Take a role from (3\d|4\d|5\d) members/, p.page);
    },
  ],
  [
    'role-delete-typed',
    async (p) => {
      await p.goes(`${org}/roles/new`);
      await p.fills({ Name: `Passing ${Date.now()}` }, p.main);
      await p.presses('Create role', p.main);
      await p.isTold(/^Created/);
      await p.goes(`${p.page.url().split('?')[0]}/deletion`);
      const word = await p.main.locator('[data-confirm]').getAttribute('data-confirm');
      const button = p.main.getByRole('button', { name: /^Delete Passing/ });
      if (!(await button.isDisabled())) throw new Error('the button is not armed by the word');
      await p.main.locator('[data-confirm]').fill(word);
      await button.click();
      await p.isTold(/^Deleted the role/);
    },
  ],
  [
    'role-wrong',
    async (p) => {
      await p.goes(`${org}/roles/new`);
      await p.fills({ Name: ' ' }, p.main);
      await p.page.locator('main form').first().evaluate((form) => form.setAttribute('novalidate', ''));
      await p.presses('Create role', p.main);
      await p.main.getByRole('alert').first().waitFor();
    },
  ],
  [
    'settings-conflict',
    async (p) => {
      await p.goes(`${org}/settings`);
      const other = await p.secondTab();
      await other.goes(`${org}/settings`);
      for (const [tab, text] of [[other, `Robots for fields ${Date.now()}`], [p, 'Robots for gardens']]) {
        await tab.fills({ Description: text }, tab.main);
        await tab.presses(/^Save/, tab.main);
        if (tab === other) await tab.isTold(/Saved/);
      }
      await other.page.close();
      await p.main.getByText(/changed|somebody|meanwhile/i).first().waitFor();
    },
  ],
  [
    'mfa-enrolment',
    async (p) => {
      await p.goes('/me/mfa');
      // Begun once, it goes on where it was.
      if (!(await p.page.locator('svg.qr').isVisible())) await p.presses(/^Set up two-factor$/);
      await p.page.locator('svg.qr').waitFor();
    },
  ],
  [
    'navigation-open',
    async (p) => {
      await p.goes(org);
      await p.page.getByRole('button', { name: /Open navigation/ }).or(p.page.getByRole('button', { name: /Switch organization/ })).filter({ visible: true }).first().click();
    },
  ],
];

export const statesOfDoors = (org, password) => [
  [
    'refused',
    async (p) => {
      await p.goes('/login');
      await p.fills({ 'E-mail': 'lena@fernhill.example', Password: password });
      await p.presses(/^Sign in$/);
      await p.isAt(/^\/o\//);
      const answer = await p.page.goto(`${org}/security`);
      if (answer.status() !== 403) throw new Error(`Lena was answered ${answer.status()}`);
      await p.context.clearCookies();
    },
  ],
  [
    'sign-in-wrong',
    async (p) => {
      await p.goes('/login');
      await p.fills({ 'E-mail': 'lena@fernhill.example', Password: 'not the password' });
      await p.presses(/^Sign in$/);
      await p.page.getByText(/do not go together/).first().waitFor();
    },
  ],
  [
    'sign-in-code',
    async (p) => {
      await p.goes('/login');
      await p.fills({ 'E-mail': 'tomasz@fernhill.example', Password: password });
      await p.presses(/^Sign in$/);
      await p.isAt('/login/code');
    },
  ],
];
