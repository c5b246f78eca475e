/** Erasing a number: counted first, typed twice, and nothing of it is found afterwards. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { setUp } from '../../pages/doorstep';
import { company as scripted, look, say } from '../../stage/scripted';
import { Starboard } from '../../stage/server';
import { put, wav } from '../../stage/sound';
import { expect } from '../../stage/test';

const company = scripted.extend<{ folder: string }>({
  folder: async ({}, use) => {
    const folder = await mkdtemp(join(tmpdir(), 'starboard-erase-'));
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
company.use({ expectedComplaints: [/status of 422/] });

company('a number is counted, typed twice and erased; what is held stays, and the neighbour is untouched', async ({ page, own, people, folder }) => {
  await setUp(page, own.setupLink);
  await put(join(folder, 'in-03011100004-1037.wav'), wav(4, [[[0, 4]]]));
  for (const [number, name, phone] of [['03011100004', 'Ines Brandt', '1037'], ['+493011100004', 'Ines Brandt', '1038'], ['03011100005', 'Nora Neighbour', '1037']]) {
    await say(people, `inbound ${number} ${phone} ${name}`);
    await say(people, `answer ${phone}`);
    await say(people, `hangup ${phone}`);
  }
  const calls = page.getByRole('table').getByRole('row');
  await expect(async () => {
    await page.goto('/calls/history?q=03011100004');
    await expect(calls.filter({ hasText: 'Ines Brandt' })).toHaveCount(2, { timeout: 1_000 });
  }).toPass();
  const held = new URL((await page.getByRole('table').getByRole('link').first().getAttribute('href')) ?? '', own.url).searchParams.get('call') ?? '';
  await own.command('recordings', 'hold', '--call', held);

  await page.getByRole('link', { name: 'Erase a number' }).click();
  await expect(page.getByRole('heading', { name: 'Erase a number' })).toBeVisible();
  await expect(page.getByText('No number was erased yet')).toBeVisible();
  await look(page, 'erase-empty');
  await page.getByLabel('Telephone number').fill('12345');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('alert').filter({ hasText: 'at least six digits' })).toBeVisible();
  await page.getByLabel('Telephone number').fill('+49 30 111 00004');
  await page.keyboard.press('Enter');
  const counted = page.getByRole('region', { name: 'What is kept of it' });
  await expect(counted).toContainText('number …004');
  await expect(counted.getByRole('definition')).toHaveText(['1', '1', '0', '0']);
  await expect(counted).toContainText('1 is held and stays as it is');
  await look(page, 'erase-light');
  await page.emulateMedia({ colorScheme: 'dark' });
  await look(page, 'erase-dark');
  await page.setViewportSize({ width: 390, height: 844 });
  await look(page, 'erase-dark-narrow');
  await page.emulateMedia({ colorScheme: 'light' });
  await look(page, 'erase-light-narrow');
  await page.setViewportSize({ width: 1440, height: 900 });

  // a slip erases nothing
  await page.getByLabel('Why').fill('Asked for by letter');
  await page.getByLabel('The number once more').fill('03011100005');
  await page.getByRole('button', { name: 'Erase for good' }).click();
  await expect(page.getByText('This is not the same number.')).toBeVisible();
  await page.getByLabel('The number once more').fill('0301 1100004');
  await page.keyboard.press('Enter');
  const erased = page.getByRole('region', { name: 'Erased numbers' });
  await expect(erased).toContainText('Asked for by letter');
  await expect(erased.getByRole('status')).toHaveText('Done');
  await expect(erased).toContainText('1 call, 1 recording, 0 notes');
  await look(page, 'erase-done');

  await page.goto('/calls/history');
  await expect(calls.filter({ hasText: 'Erased 1' })).toHaveCount(1);
  await expect(calls.filter({ hasText: 'Ines Brandt' })).toHaveCount(1);
  await expect(calls.filter({ hasText: 'Nora Neighbour' })).toHaveCount(1);
  await page.goto('/admin/audit');
  // the slip, and what was done
  await expect(page.getByRole('table').getByRole('row').filter({ hasText: 'Number erased' })).toHaveCount(2);
});
