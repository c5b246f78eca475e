/** Starboard as an installed application: its manifest, its worker, and the last board when the server is away. */
import { join } from 'node:path';

import type { Page } from '@playwright/test';

import { setUp, signOut } from '../../pages/doorstep';
import { alone as onItsOwn } from '../../stage/office';
import { output } from '../../stage/places';
import { accessible, awake, expect, test } from '../../stage/test';

/** These tests stop and change the server. */
const alone = onItsOwn.extend({
  // a browser says so itself when a server is away
  expectedComplaints: async ({ own }, use) => {
    void own;
    await use([/ERR_CONNECTION_REFUSED|WebSocket connection to/]);
  },
});

test('the manifest offers an application that opens clicked numbers', async ({ page, starboard }) => {
  await page.goto('/');
  const href = await page.locator('link[rel=manifest]').getAttribute('href');
  const answer = await page.request.get(`${starboard.url}${href}`);
  expect(answer.ok()).toBe(true);
  const manifest = await answer.json();
  expect(manifest.display).toBe('standalone');
  expect(manifest.protocol_handlers).toContainEqual({ protocol: 'tel', url: '/call?to=%s' });
  const icons: { src: string; sizes: string; purpose?: string }[] = manifest.icons;
  expect(icons.some(({ sizes }) => sizes === '512x512')).toBe(true);
  expect(icons.some(({ purpose }) => purpose === 'maskable')).toBe(true);
  for (const { src } of icons) expect((await page.request.get(`${starboard.url}${src}`)).ok(), src).toBe(true);
});

test('everything that the worker wants to keep is there to be had', async ({ page, starboard }) => {
  const worker = await (await page.request.get(`${starboard.url}/sw.js`)).text();
  expect(worker).not.toContain('__BUILD_ID__');
  const list = worker.match(/const ASSETS = (\[.*?\])/)?.[1] ?? '[]';
  const assets: string[] = JSON.parse(list);
  expect(assets.some((path) => path.endsWith('.wasm'))).toBe(true);
  for (const path of assets) expect((await page.request.get(`${starboard.url}${path}`)).ok(), path).toBe(true);
});

for (const theme of ['light', 'dark'] as const) {
  alone.describe(theme, () => {
    alone.use({ colorScheme: theme });

    alone('when the server is away the last board is shown greyed with its age, and the page comes back by itself', async ({
      page,
      own,
    }) => {
      await setUp(page, own.setupLink);
      await awake(page);
      const person = (await page.getByRole('region', { name: /^People/ }).getByRole('group').first().getAttribute('aria-label')) ?? '';
      const [name, number] = person.split(', ');
      await controlled(page);
      await expect.poll(() => page.evaluate(async () => (await caches.match('/last-board.json')) !== undefined)).toBe(true);

      await own.stop();
      await page.goto('/');
      await expect(page.getByText('Starboard cannot be reached')).toBeVisible();
      const people = page.getByRole('region', { name: 'People, as they last were' });
      await expect(people.getByRole('listitem').filter({ hasText: name }).filter({ hasText: number })).toBeVisible();
      await expect(people, 'what is old is grey').toHaveCSS('filter', /grayscale/);
      await expect(page.getByRole('status')).toHaveText(/^offline · \d+ s old$/);
      await page.screenshot({ path: join(output, `offline-${theme}-1440.png`), animations: 'disabled' });
      await accessible(page);
      await page.setViewportSize({ width: 390, height: 844 });
      await page.screenshot({ path: join(output, `offline-${theme}-390.png`), animations: 'disabled' });
      await accessible(page);

      await own.startAgain();
      await awake(page);
    });
  });
}

alone('signing out takes the last board out of the browser', async ({ page, own }) => {
  await setUp(page, own.setupLink);
  await awake(page);
  await expect.poll(() => page.evaluate(async () => (await caches.keys()).includes('starboard-last-board'))).toBe(true);
  await signOut(page);
  expect(await page.evaluate(async () => (await caches.keys()).includes('starboard-last-board'))).toBe(false);
});

alone('a new build is offered to a page that is open, and a reload brings it', async ({ page, own }) => {
  await setUp(page, own.setupLink);
  await awake(page);
  await controlled(page);
  const before = await own.build();
  expect(await builds(page)).toEqual([before]);
  const offer = page.getByText('A new version of Starboard is ready.');
  await expect(offer).toBeHidden();

  await own.stop();
  const after = await own.newBuild();
  await own.startAgain();
  await expect(offer).toBeVisible({ timeout: 20_000 });
  await accessible(page);
  await page.getByRole('button', { name: 'Reload now' }).click();
  await awake(page);
  await expect(offer).toBeHidden();
  await expect.poll(() => builds(page), 'what the worker kept of the old build is gone').toEqual([after]);
  await expect(offer, 'and nothing newer is offered').toBeHidden();
});

/** The worker looks after this page. */
async function controlled(page: Page): Promise<void> {
  await page.evaluate(async () => {
    await navigator.serviceWorker.ready;
    if (!navigator.serviceWorker.controller) {
      await new Promise((resolve) => navigator.serviceWorker.addEventListener('controllerchange', resolve, { once: true }));
    }
  });
}

/** The builds whose files the browser keeps. */
async function builds(page: Page): Promise<string[]> {
  const names = await page.evaluate(() => caches.keys());
  return names.filter((name) => name !== 'starboard-last-board').map((name) => name.replace('starboard-', ''));
}
