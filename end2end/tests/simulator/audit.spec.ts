/** The audit trail: what is done and refused is there, found by filters, read whole, and taken away as a file. */
import { readFile } from 'node:fs/promises';

import type { Page } from '@playwright/test';

import { setUp } from '../../pages/doorstep';
import { alone } from '../../stage/office';
import { accessible, awake, expect } from '../../stage/test';

/** In a city whose clocks are not UTC's. */
const office = alone.extend({ timezoneId: 'Asia/Tokyo', locale: 'en-GB' });

/** Changes the connection, so that there is something to read. */
async function rename(page: Page, name: string): Promise<void> {
  await page.goto('/admin/pbx');
  await awake(page);
  await page.getByRole('link', { name: /Harbour/ }).click();
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('link', { name: new RegExp(name) })).toBeVisible();
}

const entries = (page: Page) => page.getByRole('table').getByRole('row').filter({ has: page.getByRole('link') });
const pane = (page: Page) => page.getByRole('region', { name: 'Entry' });

office('a change is read old and new, by mouse and by keyboard, in the time of the viewer', async ({ page, own }) => {
  await setUp(page, own.setupLink);
  await rename(page, 'Harbour & Sons');
  await page.getByRole('link', { name: 'Audit' }).click();
  await expect(page.getByRole('heading', { name: 'Audit trail' })).toBeVisible();
  await expect(page.getByText('Times are in Asia/Tokyo.')).toBeVisible();
  const newest = entries(page).first();
  await expect(newest).toContainText('PBX connection changed');
  await expect(newest).toContainText('Done');
  await accessible(page);

  await newest.getByRole('link').click();
  await expect(page).toHaveURL(/\/admin\/audit\/\d+$/);
  await expect(pane(page).getByText('Harbour', { exact: true })).toBeVisible();
  await expect(pane(page).locator('del')).toHaveText('Harbour');
  await expect(pane(page).locator('ins')).toHaveText('Harbour & Sons');
  const machine = await pane(page).locator('time').first().getAttribute('datetime');
  const tokyo = new Intl.DateTimeFormat('en-GB', { timeZone: 'Asia/Tokyo', hour: '2-digit', minute: '2-digit', second: '2-digit' });
  await expect(pane(page).locator('time').first()).toContainText(tokyo.format(new Date(machine ?? '')));
  await accessible(page);

  await page.keyboard.press('Escape');
  await expect(pane(page)).toBeHidden();
  await expect(page).toHaveURL(/\/admin\/audit$/);
  await newest.getByRole('link').focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(pane(page).getByRole('heading', { level: 2 })).toBeVisible();
  await expect(page).toHaveURL(/\/admin\/audit\/\d+$/);
});

office('filters stand in the address, and what is filtered is what is exported', async ({ page, own }) => {
  await setUp(page, own.setupLink);
  await rename(page, 'Harbour & Sons');
  await rename(page, 'Harbour again');
  await page.goto('/admin/audit');
  await awake(page);
  await page.getByLabel('What', { exact: true }).selectOption('PBX connection changed');
  await expect(entries(page)).toHaveCount(2);
  await expect(page).toHaveURL(/\?action=change_pbx$/);
  await page.getByLabel('Search in names').fill('again');
  await expect(entries(page)).toHaveCount(1);
  await expect(page).toHaveURL(/\?q=again&action=change_pbx$/);
  await page.reload();
  await awake(page);
  await expect(entries(page)).toHaveCount(1);
  await expect(page.getByLabel('Search in names')).toHaveValue('again');

  const [csv] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Export CSV' }).click()]);
  expect(csv.suggestedFilename()).toBe('starboard-audit.csv');
  const lines = (await readFile(await csv.path(), 'utf8')).trimEnd().split('\r\n');
  expect(lines).toHaveLength(2);
  expect(lines[1]).toContain('change_pbx,pbx Harbour again,done');
  const [jsonl] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'JSON lines' }).click()]);
  const objects = (await readFile(await jsonl.path(), 'utf8')).trimEnd().split('\n').map((line) => JSON.parse(line));
  expect(objects.map(({ object }) => object)).toEqual(['pbx Harbour again']);
  expect(objects[0].detail.name).toEqual({ old: 'Harbour & Sons', new: 'Harbour again' });

  await page.getByRole('link', { name: 'Clear' }).click();
  await expect(entries(page).first()).toContainText('Trail exported');
  await expect(entries(page).nth(1)).toContainText('Trail exported');
  await page.getByLabel('Search in names').fill('no such thing');
  await expect(page.getByText('Nothing fits these filters')).toBeVisible();
  await accessible(page);
  await page.getByRole('link', { name: 'Show everything' }).click();
  await expect(entries(page).first()).toBeVisible();

  // what is typed as local time is asked for as the moment that it is
  await page.getByLabel('From').fill('2020-01-01T09:00');
  await expect(page).toHaveURL(/\?from=2020-01-01T00%3A00$/);
  await expect(entries(page).first()).toBeVisible();
  await page.getByLabel('to', { exact: true }).fill('2020-01-02T09:00');
  await expect(page.getByText('Nothing fits these filters')).toBeVisible();
});

office('older entries are a page away', async ({ page, own }) => {
  await setUp(page, own.setupLink);
  // each of them two rows of the trail
  for (let turn = 0; turn < 110; turn += 1) {
    const answer = await page.request.get('/admin/audit/export?q=nothing-is-called-that');
    expect(answer.ok()).toBe(true);
  }
  await page.goto('/admin/audit?action=export_audit');
  await awake(page);
  await expect(entries(page)).toHaveCount(100);
  await page.getByRole('link', { name: 'Older' }).click();
  await expect(page).toHaveURL(/before=\d+/);
  await expect(entries(page)).toHaveCount(10);
  await page.getByRole('link', { name: 'Newest' }).click();
  await expect(entries(page)).toHaveCount(100);
});

office.describe('without JavaScript', () => {
  office.use({ javaScriptEnabled: false, expectedComplaints: [/preloaded using link preload but not used/] });

  office('filters are a form, entries are links, times are UTC and say so', async ({ page, own }) => {
    await setUp(page, own.setupLink);
    await page.goto('/admin/audit');
    await expect(page.getByText('Times are in UTC.')).toBeVisible();
    await page.getByLabel('What', { exact: true }).selectOption('First administrator');
    await page.getByLabel('What came of it').selectOption('Done');
    await page.getByRole('button', { name: 'Show' }).click();
    await expect(page).toHaveURL(/action=set_up&outcome=done/);
    await expect(entries(page)).toHaveCount(1);
    await entries(page).getByRole('link').click();
    await expect(pane(page).getByRole('heading', { name: 'First administrator' })).toBeVisible();
    await pane(page).getByRole('link', { name: 'Close' }).click();
    await expect(entries(page)).toHaveCount(1);
  });
});

office.describe('what was refused', () => {
  office.use({ expectedComplaints: [/status of (401|403|422|429)/] });

  office('is there with its reason, and nobody without the right sees the trail', async ({ page, own, visitor }) => {
    await setUp(page, own.setupLink);
    const stranger = await (await visitor({ baseURL: own.url })).newPage();
    await stranger.goto('/sign-in');
    await stranger.getByLabel('User name').fill('mallory');
    await stranger.getByLabel('Password').fill('open sesame please');
    await stranger.getByRole('button', { name: 'Sign in', exact: true }).click();
    await expect(stranger.getByText('User name or password is not right.')).toBeVisible();
    const answer = await stranger.request.get('/admin/audit/export', { maxRedirects: 0 });
    expect(answer.status()).toBe(303);

    await page.goto('/admin/audit?outcome=refused');
    await awake(page);
    await expect(entries(page)).toHaveCount(1);
    await expect(entries(page)).toContainText('Sign-in');
    await expect(entries(page)).toContainText('mallory');
    await expect(entries(page)).toContainText('Nobody signed in');
    await expect(entries(page)).toContainText('Refused');
    expect(await page.content()).not.toContain('open sesame');
  });
});
