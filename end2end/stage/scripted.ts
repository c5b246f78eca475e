/** A company that does what it is told, with a Starboard of its own; and looking at it. */
import { join } from 'node:path';

import type { Page } from '@playwright/test';

import { alone } from './office';
import { type Scripted, startScripted } from './pbx';
import { output } from './places';
import { Starboard } from './server';
import { accessible, expect } from './test';

export const company = alone.extend<{ people: Scripted }>({
  people: async ({}, use) => {
    const people = await startScripted();
    await use(people);
    await people.end();
  },
  own: async ({ people }, use) => {
    const own = await Starboard.start({ name: 'Harbour', manager: people.manager });
    await use(own);
    await own.end();
  },
});

/** Says a line until it can be done: a phone must ring before it is answered. */
export async function say(people: Scripted, line: string): Promise<void> {
  await expect.poll(() => people.say(line), { message: line }).toMatch(/^ok/);
}

/** A picture of the page, which is for everybody and as wide as its window. */
export async function look(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(output, `${name}.png`), animations: 'disabled' });
  await accessible(page);
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(overflow, 'nothing sticks out to the side').toBeLessThanOrEqual(0);
}
