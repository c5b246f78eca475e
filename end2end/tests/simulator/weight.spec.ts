/** What a first visit loads, counted on the wire. */
import { setUp } from '../../pages/doorstep';
import { company, say } from '../../stage/scripted';
import { awake, expect } from '../../stage/test';

const mostHtmlBytes = 14_000;
const mostCodeBytes = 220_000;
const mostBytes = 300_000;

company('a first visit is light while more than half of forty people are on the phone', async ({ page: before, own, people, visitor }) => {
  await setUp(before, own.setupLink);
  // one of them cannot be reached
  for (let phone = 1001; phone < 1027; phone += 2) {
    await say(people, `call ${phone} ${phone + 1}`);
    if (phone % 4 === 1) await say(people, `answer ${phone + 1}`);
  }
  await expect(before.getByRole('heading', { name: 'Calls 12' })).toBeVisible();
  // a browser that was never here, but for its cookies
  const fresh = await visitor({ baseURL: own.url, storageState: await before.context().storageState() });
  const page = await fresh.newPage();
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Network.enable');
  await devtools.send('Network.setCacheDisabled', { cacheDisabled: true });
  const paths = new Map<string, string>();
  const bytes = new Map<string, number>();
  devtools.on('Network.responseReceived', ({ requestId, response }) => paths.set(requestId, new URL(response.url).pathname));
  devtools.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    const path = paths.get(requestId);
    if (path) bytes.set(path, Math.max(encodedDataLength, bytes.get(path) ?? 0));
  });
  const began = Date.now();
  await page.goto('/');
  await awake(page);
  const awakeMs = Date.now() - began;

  const sum = (wanted: (path: string) => boolean) =>
    [...bytes].filter(([path]) => wanted(path)).reduce((total, [, size]) => total + size, 0);
  const html = sum((path) => path === '/');
  const code = sum((path) => path.endsWith('.js') || path.endsWith('.wasm'));
  const all = sum(() => true);
  console.log(`first visit: ${html} bytes of page, ${code} of code, ${all} in all; awake after ${awakeMs} ms`);
  expect(html, 'it came over the wire').toBeGreaterThan(1_000);
  expect(html, 'the page').toBeLessThanOrEqual(mostHtmlBytes);
  expect(code, 'WebAssembly and JavaScript').toBeLessThanOrEqual(mostCodeBytes);
  expect(all, 'everything').toBeLessThanOrEqual(mostBytes);
});
