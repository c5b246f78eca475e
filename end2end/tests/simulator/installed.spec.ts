/** Starboard as an installed application: its manifest, its worker, and the last board when the server is away. */
import { setUp } from '../../pages/doorstep';
import { awake, expect, test } from '../../stage/test';
import { Starboard } from '../../stage/server';

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

test('when the server is away the last board is shown with its age', async ({ browser, pbx }) => {
  test.fixme(true, 'the last board is not found in the cache within 20 s; why is not known yet');
  const own = await Starboard.start({ name: 'Harbour', manager: pbx.manager });
  const context = await browser.newContext({ baseURL: own.url });
  const page = await context.newPage();
  await setUp(page, own.setupLink);
  await awake(page);
  await page.evaluate(async () => {
    await navigator.serviceWorker.ready;
  });
  await expect
    .poll(() => page.evaluate(() => caches.match('/last-board.json').then((kept) => kept !== undefined)), { timeout: 20_000 })
    .toBe(true);

  await own.end();
  await page.goto('/').catch(() => undefined);
  await expect(page.getByText('Starboard cannot be reached')).toBeVisible();
  await expect(page.getByRole('heading', { name: 'People, as they last were' })).toBeVisible();
  await expect(page.getByRole('status')).toContainText(/old/);
  await context.close();
});
