/** 2,000 extensions and 500 calls at 50 changes a second: the screen stays smooth, at rest and while it is scrolled. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type CDPSession, expect, type Page, test } from '@playwright/test';

import { binary } from '../stage/places';
import { Program } from '../stage/program';
import { Starboard } from '../stage/server';
import { awake } from '../stage/test';
import { percentile, say, usage } from './measure';
import { board, live, signIn } from './visitor';

const people = 2000;
/** A third of them finds nobody. */
const callsPerS = 10;
const talkS = 78;
const leastCalls = 450;
const restS = 20;

interface Watched {
  frames: number[];
  long: number[];
  mutations: number;
}

test('a large company on the screen', async ({ browser }) => {
  const folder = await mkdtemp(join(tmpdir(), 'starboard-'));
  const args = ['simulator', '--listen', '127.0.0.1:0', '--people', `${people}`, '--quiet'];
  const load = ['--calls-per-s', `${callsPerS}`, '--talk-s', `${talkS}`];
  const pbx = Program.start(binary, [...args, ...load], join(folder, 'simulator.log'), { STARBOARD_SIMULATOR_SECRET: 'smooth' });
  const [, port] = await pbx.printed(/AMI on 127\.0\.0\.1:(\d+)/);
  const manager = { host: '127.0.0.1', port: Number(port), username: 'starboard', secret: 'smooth' };
  const starboard = await Starboard.start({ name: 'Harbour', manager });
  const context = await signIn(browser, starboard);
  await live(context);
  await expect.poll(async () => (await board(context)).calls.length, { timeout: 150_000 }).toBeGreaterThan(leastCalls);

  const page = await context.newPage();
  await page.goto('/');
  await awake(page);
  await watch(page);
  const devtools = await context.newCDPSession(page);
  await devtools.send('Performance.enable', { timeDomain: 'threadTicks' });
  const [before, idle] = [usage(starboard.pid), await busyS(devtools)];
  await page.waitForTimeout(restS * 1000);
  tell('at rest', await take(page), restS);
  const share = (((await busyS(devtools)) - idle) / restS) * 100;
  say('  CPU of the page at rest', `${share.toFixed(0)}% of a core, pictures drawn without a GPU`, '-');
  await page.mouse.move(300, 500);
  const began = performance.now();
  for (let turn = 0; turn < 100; turn += 1) {
    await page.mouse.wheel(0, turn < 50 ? 400 : -400);
    await page.waitForTimeout(30);
  }
  tell('while scrolling people', await take(page), (performance.now() - began) / 1000);
  const [tiles, elements] = await page.evaluate(() => [document.querySelectorAll('.tile').length, document.querySelectorAll('*').length]);
  say('tiles in the document', `${tiles} of ${people}, ${elements} elements in all`, 'only what is near');
  say('server CPU meanwhile', `${(usage(starboard.pid).cpuS - before.cpuS).toFixed(1)} s`, '-');
  expect(tiles).toBeLessThan(people / 5);

  await starboard.end();
  await pbx.end();
  await rm(folder, { recursive: true, force: true });
});

/** Notes every frame, every task over 50 ms and every change of the document from now on. */
async function watch(page: Page): Promise<void> {
  await page.evaluate(() => {
    const watched: Watched = { frames: [], long: [], mutations: 0 };
    Object.assign(window, { watched });
    new PerformanceObserver((list) => watched.long.push(...list.getEntries().map((task) => task.duration))).observe({ type: 'longtask' });
    new MutationObserver((records) => {
      watched.mutations += records.length;
    }).observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
    let last = performance.now();
    const frame = (now: number) => {
      watched.frames.push(now - last);
      last = now;
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  });
}

/** CPU seconds of the page's own thread. */
async function busyS(devtools: CDPSession): Promise<number> {
  const { metrics } = await devtools.send('Performance.getMetrics');
  return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0;
}

/** What was noted since the last time. */
async function take(page: Page): Promise<Watched> {
  return page.evaluate(() => {
    const { watched } = window as unknown as { watched: Watched };
    const taken = { frames: watched.frames.splice(0), long: watched.long.splice(0), mutations: watched.mutations };
    watched.mutations = 0;
    return taken;
  });
}

function tell(when: string, { frames, long, mutations }: Watched, tookS: number) {
  const at = (share: number) => percentile(frames, share).toFixed(0);
  say(`frames ${when}, ms`, `p50 ${at(0.5)}, p95 ${at(0.95)}, p99 ${at(0.99)}`, 'p95 <= 34');
  const sum = long.reduce((one, other) => one + other, 0);
  say(`  tasks over 50 ms`, `${long.length}, ${((sum / tookS) / 10).toFixed(1)}% of the time, longest ${Math.max(0, ...long).toFixed(0)} ms`, '-');
  say(`  changes of the document a second`, (mutations / tookS).toFixed(0), '-');
}
