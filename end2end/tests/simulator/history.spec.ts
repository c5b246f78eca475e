/** Calls that are over: there by themselves, found by a sentence, opened with their story; the address is the page. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Page } from '@playwright/test';

import { setUp } from '../../pages/doorstep';
import { alone } from '../../stage/office';
import { type Scripted, startScripted } from '../../stage/pbx';
import { output } from '../../stage/places';
import { Starboard } from '../../stage/server';
import { accessible, awake, expect } from '../../stage/test';

const company = alone.extend<{ people: Scripted }>({
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
company.setTimeout(90_000);

/** Says a line until it can be done: a call must have come before it is answered. */
async function say(people: Scripted, line: string): Promise<void> {
  await expect.poll(() => people.say(line), { message: line }).toMatch(/^ok/);
}

async function look(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(output, `${name}.png`), animations: 'disabled' });
  await accessible(page);
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(overflow, 'nothing sticks out to the side').toBeLessThanOrEqual(0);
}

company('calls are found by what is known of them and told from beginning to end, wide and narrow, light and dark', async ({ page, own, people }) => {
  await setUp(page, own.setupLink);
  await page.goto('/calls/history');
  await awake(page);
  await expect(page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Calls', exact: true })).toHaveAttribute('aria-current', 'page');
  await expect(page.getByText('No call has ended yet')).toBeVisible();
  await look(page, 'history-nothing');

  await say(people, 'queue-call 03011100001 support Cleo Vance');
  await say(people, 'abandon 03011100001');
  await say(people, 'inbound 03011100002 1037 <b>Über & Söhne</b> \u202eevil');
  await say(people, 'answer 1037');
  await say(people, 'hangup 03011100002');
  await say(people, 'inbound 03011100003 1036 Ines Brandt');
  await say(people, 'hangup 03011100003');
  await say(people, 'call 1034 1035');
  await say(people, 'answer 1035');
  await say(people, 'hold 1035');
  await say(people, 'unhold 1035');
  await say(people, 'hangup 1034');

  const table = page.getByRole('table');
  const row = (name: string) => table.getByRole('row').filter({ hasText: name });
  await expect(async () => {
    await page.reload();
    await expect(page.getByText('4 calls')).toBeVisible({ timeout: 1_000 });
  }).toPass();
  await awake(page);
  await expect(row('Cleo Vance')).toContainText('Abandoned');
  await expect(row('Über')).toContainText('Answered');
  await expect(row('Über')).toContainText('⟨U+202E⟩');
  await expect(row('Ines Brandt')).toContainText('Missed');
  await look(page, 'history-light-1440');

  const search = page.getByRole('searchbox');
  await search.fill('from:"+49 30 11100003" missed today');
  await search.press('Enter');
  await expect(page.getByText('1 call', { exact: true })).toBeVisible();
  await expect(page).toHaveURL(/q=from/);
  await expect(row('Ines Brandt')).toBeVisible();
  await search.fill('queue:support longer:soon');
  await search.press('Enter');
  await expect(page.getByText('Not understood, and left out: longer:soon')).toBeVisible();
  await expect(row('Cleo Vance')).toBeVisible();
  await page.getByLabel('What came of it').selectOption('busy');
  await expect(page.getByText('No call fits')).toBeVisible();
  await page.goBack();
  await page.goto('/calls/history?way=internal');
  await awake(page);
  await expect(page.getByText('1 call', { exact: true })).toBeVisible();

  await table.getByRole('link').first().focus();
  await page.keyboard.press('Enter');
  const pane = page.getByRole('region', { name: 'Call', exact: true });
  await expect(pane.getByText('holds the call')).toBeVisible();
  await expect(pane.getByText('is back')).toBeVisible();
  await expect(pane.locator('.lanes li')).toHaveCount(2);
  await look(page, 'history-pane-light-1440');
  const address = page.url();
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.goto(address);
  await awake(page);
  await expect(pane.getByText('holds the call')).toBeVisible();
  await page.getByText('What can be typed').click();
  await look(page, 'history-pane-dark-1440');
  await page.setViewportSize({ width: 390, height: 844 });
  await look(page, 'history-pane-dark-390');
  await pane.getByRole('link', { name: 'Close the call\u2019s pane' }).or(pane.getByRole('link', { name: "Close the call's pane" })).click();
  await page.goto('/calls/history');
  await awake(page);
  await expect(page.getByText('4 calls')).toBeVisible();
  await look(page, 'history-dark-390');
});

company('a list of calls is taken as a file, for spreadsheets and as a workbook', async ({ page, own, people }) => {
  await setUp(page, own.setupLink);
  await say(people, 'inbound 03011100003 1036 =HYPERLINK("http://x")');
  await say(people, 'hangup 03011100003');
  await say(people, 'call 1034 1035');
  await say(people, 'hangup 1034');
  await expect(async () => {
    await page.goto('/calls/history');
    await expect(page.getByText('2 calls', { exact: true })).toBeVisible({ timeout: 1_000 });
  }).toPass();
  await awake(page);
  await page.getByLabel('Which way').selectOption('in');
  await expect(page.getByText('1 call', { exact: true })).toBeVisible();

  const saved = page.getByRole('status').filter({ hasText: 'Saved' });
  const csv = page.waitForEvent('download');
  await page.getByRole('link', { name: 'CSV' }).click();
  const sheet = await csv;
  expect(sheet.suggestedFilename()).toMatch(/^starboard-calls-.*\.csv$/);
  const text = await readFile(await sheet.path(), 'utf8');
  const [names = '', ...rows] = text.trimEnd().split('\r\n');
  expect(names).toMatch(/^began,direction,result,caller_number,/);
  expect(rows).toHaveLength(1);
  expect(rows[0]).toContain('"\'=HYPERLINK(""http://x"")"');
  await expect(saved).toHaveText('Saved 1 call');
  await look(page, 'history-export-1440');

  const xlsx = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Excel' }).click();
  const book = await xlsx;
  expect(book.suggestedFilename()).toMatch(/\.xlsx$/);
  expect((await readFile(await book.path())).subarray(0, 2).toString()).toBe('PK');
  await expect(saved).toHaveText('Saved 1 call');
  await page.setViewportSize({ width: 390, height: 844 });
  await look(page, 'history-export-390');
});
