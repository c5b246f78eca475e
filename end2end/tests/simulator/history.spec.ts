/** Calls that are over: there by themselves, found by a sentence, opened with their story; the address is the page. */
import { readFile } from 'node:fs/promises';

import { setUp } from '../../pages/doorstep';
import { company, look, say } from '../../stage/scripted';
import { awake, expect } from '../../stage/test';

company.setTimeout(90_000);

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

company('columns of the list are chosen and ordered, stand in the address, and stay when something else is looked for', async ({ page, own, people }) => {
  await setUp(page, own.setupLink);
  await say(people, 'inbound 03011100003 1036 Ines Brandt');
  await say(people, 'answer 1036');
  await say(people, 'hangup 03011100003');
  const names = () => page.getByRole('table').getByRole('columnheader').allInnerTexts();
  await expect(async () => {
    await page.goto('/calls/history');
    await expect(page.getByText('1 call', { exact: true })).toBeVisible({ timeout: 1_000 });
  }).toPass();
  await awake(page);
  expect(await names()).toEqual(['Began', 'Caller', 'Called', 'Queue', 'Result', 'Talked', 'Took']);
  await page.getByText('Columns', { exact: true }).click();
  await page.getByRole('link', { name: 'Leave out Queue' }).click();
  await page.getByRole('list', { name: 'Columns that are not' }).getByRole('link', { name: 'Trunk' }).click();
  await page.getByRole('link', { name: 'Trunk earlier' }).click();
  await expect.poll(names).toEqual(['Began', 'Caller', 'Called', 'Result', 'Talked', 'Trunk', 'Took']);
  await expect(page).toHaveURL(/columns=called%2Cresult%2Ctalked%2Ctrunk%2Ctook/);
  await page.getByLabel('Which way').selectOption('in');
  await expect(page).toHaveURL(/way=in/);
  await page.reload();
  await awake(page);
  expect(await names()).toEqual(['Began', 'Caller', 'Called', 'Result', 'Talked', 'Trunk', 'Took']);
  for (const name of ['Dialled', 'Queue', 'Answered by', 'Rang', 'On hold']) {
    await page.getByText('Columns', { exact: true }).click();
    await page.getByRole('list', { name: 'Columns that are not' }).getByRole('link', { name }).click();
    await expect(page.getByRole('columnheader', { name })).toBeVisible();
    await page.getByText('Columns', { exact: true }).click();
  }
  await page.getByText('Columns', { exact: true }).click();
  await look(page, 'history-columns-light-1440');
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.setViewportSize({ width: 390, height: 844 });
  await look(page, 'history-columns-dark-390');
  await page.getByRole('link', { name: 'The usual columns' }).click();
  await expect.poll(() => new URL(page.url()).search).toBe('?way=in');
});

const refused = company.extend({
  // a browser notes by itself what a server refuses
  expectedComplaints: async ({}, use) => {
    await use([/status of 422/]);
  },
});

refused('what is said of a call is found again, and calls are added up, wide and narrow, light and dark', async ({ page, own, people }) => {
  await setUp(page, own.setupLink);
  await page.goto('/calls/reports');
  await awake(page);
  await expect(page.getByText('There were no calls')).toBeVisible();
  await look(page, 'reports-nothing');
  await say(people, 'queue-call 03011100001 support Cleo Vance');
  await say(people, 'abandon 03011100001');
  await say(people, 'inbound 03011100003 1036 Ines Brandt');
  await say(people, 'answer 1036');
  await say(people, 'hangup 03011100003');
  await say(people, 'call 1034 1035');
  await say(people, 'answer 1035');
  await say(people, 'hangup 1034');
  await expect(async () => {
    await page.goto('/calls/history');
    await expect(page.getByText('3 calls', { exact: true })).toBeVisible({ timeout: 1_000 });
  }).toPass();
  await awake(page);

  const row = (name: string) => page.getByRole('table').getByRole('row').filter({ hasText: name });
  await row('Cleo Vance').getByRole('link').click();
  const pane = page.getByRole('region', { name: 'Call', exact: true });
  await pane.getByLabel('New tag').fill('VIP');
  await pane.getByLabel('New tag').press('Enter');
  await expect(pane.getByRole('link', { name: 'vip' })).toBeVisible();
  await expect(pane.getByLabel('Disposition')).toHaveCount(0);
  await pane.getByLabel('New note').fill('Wants to be called back\non Monday');
  await pane.getByRole('button', { name: 'Add note' }).click();
  await expect(pane.getByText('Wants to be called back')).toBeVisible();
  await expect(pane.getByLabel('New note')).toHaveValue('');
  await look(page, 'history-said-1440');
  await pane.getByLabel('New tag').fill('two words');
  await pane.getByLabel('New tag').press('Enter');
  await expect(pane.getByText('One word of at most 30 characters')).toBeVisible();
  const here = page.url();
  await page.goto('/queues/set-up');
  await page.getByRole('link', { name: 'support' }).first().click();
  await page.getByLabel('What agents can say of a call').fill('Sold\nCalls again');
  await page.getByRole('button', { name: 'Save' }).first().click();
  await expect(page.getByText('Sold, Calls again')).toBeVisible();
  await page.goto(here);
  await awake(page);
  await pane.getByLabel('Disposition').selectOption('Calls again');
  await pane.getByRole('button', { name: 'Set' }).click();
  await expect(async () => {
    await page.reload();
    await expect(pane.getByLabel('Disposition')).toHaveValue('Calls again', { timeout: 1_000 });
  }).toPass();
  await look(page, 'history-disposition-1440');
  await page.goto('/calls/history?q=disposition%3A%22Calls%20again%22&columns=called,disposition');
  await awake(page);
  await expect(page.getByText('1 call', { exact: true })).toBeVisible();
  await expect(row('Cleo Vance')).toContainText('Calls again');
  await page.goto(here);
  await awake(page);
  await pane.getByRole('link', { name: 'vip' }).click();
  await expect(page.getByText('1 call', { exact: true })).toBeVisible();
  await expect(row('Cleo Vance')).toContainText('1 note');
  await page.getByRole('searchbox').fill('note:monday');
  await page.getByRole('searchbox').press('Enter');
  await expect(page.getByText('1 call', { exact: true })).toBeVisible();

  await page.goto('/calls/history');
  await awake(page);
  await page.getByRole('link', { name: 'Reports' }).click();
  const whole = page.getByRole('list', { name: 'All calls together' });
  await expect(whole.getByRole('link', { name: /^Calls 3 / })).toBeVisible();
  await expect(page.getByRole('img', { name: 'Calls for each day' })).toBeVisible();
  await look(page, 'reports-light-1440');
  await page.getByRole('navigation', { name: 'Added up by' }).getByRole('link', { name: 'Queue' }).click();
  await expect(row('support')).toContainText('1');
  await row('support').getByRole('link').click();
  await expect(page.getByText('1 call', { exact: true })).toBeVisible();
  await page.goBack();
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.getByRole('navigation', { name: 'Added up by' }).getByRole('link', { name: 'Hour' }).click();
  await expect(page.getByRole('img', { name: 'Calls for each hour' })).toBeVisible();
  await look(page, 'reports-dark-1440');
  await page.setViewportSize({ width: 390, height: 844 });
  await look(page, 'reports-dark-390');
});
