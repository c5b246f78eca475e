/** A first visit with nothing cached: what crosses the wire, and when the page is awake. */
import { startSimulator } from '../stage/pbx';
import { Starboard } from '../stage/server';
import { test } from './ending';
import { percentile, say } from './measure';
import { live, signIn } from './visitor';

const rounds = 9;

interface Moments {
  firstByteMs: number;
  paintMs: number;
  awakeMs: number;
  liveMs: number;
}

test('a first visit, cold', async ({ browser, ending }) => {
  const pbx = ending(await startSimulator());
  const starboard = ending(await Starboard.start({ name: 'Harbour', manager: pbx.manager }));
  const signed = ending(await signIn(browser, starboard));
  await live(signed);
  const state = await signed.storageState();
  await signed.close();
  const visits: Moments[] = [];
  const bytes = new Map<string, number>();
  for (let round = 0; round < rounds; round += 1) {
    const context = await browser.newContext({ baseURL: starboard.url, storageState: state, serviceWorkers: 'block' });
    const page = await context.newPage();
    const devtools = await context.newCDPSession(page);
    await devtools.send('Network.enable');
    const paths = new Map<string, string>();
    devtools.on('Network.responseReceived', ({ requestId, response }) => paths.set(requestId, new URL(response.url).pathname));
    devtools.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
      const path = paths.get(requestId);
      if (path) bytes.set(path, Math.max(encodedDataLength, bytes.get(path) ?? 0));
    });
    await page.addInitScript(() => {
      // the lamp turns only when the page was woken and its socket has brought the board
      new MutationObserver((_, observer) => {
        if (!document.querySelector('.topbar .lamp[data-lamp="live"]')) return;
        observer.disconnect();
        performance.mark('live');
        console.debug('live');
      }).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ['data-lamp'] });
    });
    // the page says so by itself: to ask it meanwhile would compile a third of a megabyte of questions on its thread
    const joined = page.waitForEvent('console', (message) => message.text() === 'live');
    await page.goto('/', { waitUntil: 'commit' });
    await joined;
    visits.push(
      await page.evaluate(async () => {
        // the page may be awake before its first frame is drawn
        await new Promise((painted) => new PerformanceObserver(painted).observe({ type: 'paint', buffered: true }));
        const [navigation] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
        const at = (name: string) => performance.getEntriesByName(name)[0]?.startTime ?? NaN;
        return {
          firstByteMs: navigation.responseStart,
          paintMs: at('first-contentful-paint'),
          awakeMs: at('awake'),
          liveMs: at('live'),
        };
      }),
    );
    await context.close();
    // the process of this page ends beside the next one's first moments else
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
  const sum = (wanted: (path: string) => boolean) =>
    [...bytes].filter(([path]) => wanted(path)).reduce((total, [, size]) => total + size, 0) / 1000;
  const median = (of: (visit: Moments) => number) => percentile(visits.map(of), 0.5).toFixed(0);
  const worst = (of: (visit: Moments) => number) => Math.max(...visits.map(of)).toFixed(0);
  say('page, kB on the wire', sum((path) => path === '/').toFixed(1), '<= 14');
  say('WebAssembly and JavaScript, kB', sum((path) => /\.(js|wasm)$/.test(path)).toFixed(1), '<= 220');
  say('everything, kB', sum(() => true).toFixed(1), '<= 300');
  for (const [path, size] of bytes) console.log(`    ${path.padEnd(50)} ${(size / 1000).toFixed(1)}`);
  say('first byte, ms (median, worst)', `${median((v) => v.firstByteMs)}, ${worst((v) => v.firstByteMs)}`, '-');
  say('first paint, ms', `${median((v) => v.paintMs)}, ${worst((v) => v.paintMs)}`, '-');
  say('awake, ms', `${median((v) => v.awakeMs)}, ${worst((v) => v.awakeMs)}`, '<= 400');
  say('awake and joined to the live board, ms', `${median((v) => v.liveMs)}, ${worst((v) => v.liveMs)}`, '<= 400');
});
