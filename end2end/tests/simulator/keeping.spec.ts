/** For how long recordings are kept: set, counted, and removed as they were counted. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { setUp } from '../../pages/doorstep';
import { company as scripted, look } from '../../stage/scripted';
import { Starboard } from '../../stage/server';
import { put, wav } from '../../stage/sound';
import { expect } from '../../stage/test';

const company = scripted.extend<{ folder: string }>({
  folder: async ({}, use) => {
    const folder = await mkdtemp(join(tmpdir(), 'starboard-keeping-'));
    await use(folder);
    await rm(folder, { recursive: true, force: true });
  },
  own: async ({ people, folder }, use) => {
    const own = await Starboard.start({ name: 'Harbour', manager: people.manager, recordings: folder });
    await use(own);
    await own.end();
  },
});
company.setTimeout(90_000);
company.use({ expectedComplaints: [/status of 4(09|22)/] });

company('what is due is counted, removed as it was counted, and goes by itself at night', async ({ page, own, folder }) => {
  const day = 24 * 3_600_000;
  for (const at of [1, 2, 3, 4]) await put(join(folder, `old-${at}.wav`), wav(4, [[[0, 4]]]), 40 * day);
  await put(join(folder, 'new.wav'), wav(4, [[[0, 4]]]), 5 * day);
  await setUp(page, own.setupLink);
  await page.goto('/calls/history');
  await page.getByRole('link', { name: 'Keeping recordings' }).click();
  await expect(page.getByText('Recordings are kept for ever')).toBeVisible();
  await expect(page.getByText('Nothing was removed yet')).toBeVisible();
  await look(page, 'keeping-empty');

  const howLong = page.getByRole('region', { name: 'For how long' });
  await howLong.getByLabel('Recordings of').selectOption({ label: 'Harbour, all other calls' });
  await howLong.getByLabel('Days').fill('30');
  await howLong.getByLabel('Days').press('Enter');
  await expect(howLong.getByRole('listitem')).toHaveText(/Harbour, all other calls\s*30 days/);
  const due = page.getByRole('region', { name: 'Due now' });
  await expect(async () => {
    await page.reload();
    await expect(due.getByRole('definition').first()).toHaveText('4 files', { timeout: 1_000 });
  }).toPass();
  await look(page, 'keeping-light');
  await page.emulateMedia({ colorScheme: 'dark' });
  await look(page, 'keeping-dark');
  await page.setViewportSize({ width: 390, height: 844 });
  await look(page, 'keeping-dark-narrow');
  await page.emulateMedia({ colorScheme: 'light' });
  await look(page, 'keeping-light-narrow');
  await page.setViewportSize({ width: 1440, height: 900 });

  // another one comes to be due meanwhile: nothing of what was counted goes
  await own.command('recordings', 'keep', '--pbx', 'Harbour', '--days', '3');
  await due.getByRole('button', { name: 'Remove 4 files' }).click();
  await expect(due.getByRole('alert').filter({ hasText: 'Nothing was removed: look again' })).toBeVisible();
  await look(page, 'keeping-other');
  expect(await readdir(folder)).toHaveLength(5);
  await due.getByRole('button', { name: 'Count again' }).click();
  await due.getByRole('button', { name: 'Remove 5 files' }).click();
  const removed = page.getByRole('region', { name: 'Removed' });
  await expect(removed.getByRole('status')).toHaveText('Done');
  await expect(removed).toContainText('5 of 5 removed');
  await expect(due.getByRole('definition').first()).toHaveText('0 files');
  expect(await readdir(folder)).toHaveLength(0);

  const night = page.getByRole('region', { name: 'By itself' });
  await night.getByLabel('Remove what is due every day at').fill('04:30');
  await night.getByRole('button', { name: 'Set' }).click();
  await expect(night).toContainText('Every day at 04:30');
  await look(page, 'keeping-done');
  await night.getByRole('button', { name: 'Never' }).click();
  await expect(night).toContainText('Never: what is due stays');
  await howLong.getByRole('button', { name: 'Take back: Harbour, all other calls' }).click();
  await expect(page.getByText('Recordings are kept for ever')).toBeVisible();
});
