// Who is in the stories, and the browser they use.
import { chromium } from 'playwright-core';

const PASSWORD = 'four wet lanterns ferry';
const person = (name, email) => ({ name, email, password: PASSWORD });

export const ana = person('Ana Ruiz', 'ana@acme.test');
export const ben = person('Ben Okafor', 'ben@acme.test');
export const chloe = person('Chloe Martin', 'chloe@acme.test');
export const dev = person('Dev Patel', 'dev@acme.test');
export const eva = person('Eva Lindqvist', 'eva@outside.test');

export const launch = () =>
  chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--disable-background-networking', '--no-first-run'],
  });
