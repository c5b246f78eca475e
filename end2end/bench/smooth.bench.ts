/** 2,000 extensions and 500 calls: the screen stays smooth, at rest and while it is scrolled. */
import { type CDPSession, expect, type Page } from '@playwright/test';

import { startSimulator } from '../stage/pbx';
import { Starboard } from '../stage/server';
import { awake } from '../stage/test';
import { test } from './ending';
import { percentile, say, usage } from './measure';
import { board, live, signIn } from './visitor';

const people = 2000;
/** A third of them finds nobody. */
const callsPerS = 10;
const talkS = 78;
const leastCalls = 450;
const restS = 20;
/** Two frames of a screen that draws sixty a second. */
const lateMs = 34;

interface Watched {
  frames: number[];
  long: number[];
  mutations: number;
}

test('a large company on the screen', async ({ browser, ending }) => {
  const load = ['--calls-per-s', `${callsPerS}`, '--talk-s', `${talkS}`];
  const pbx = ending(await startSimulator('--people', `${people}`, '--quiet', ...load));
  const starboard = ending(await Starboard.start({ name: 'Harbour', manager: pbx.manager }));
  const context = ending(await signIn(browser, starboard));
  await live(context);
  await expect.poll(async () => (await board(context)).calls.length, { timeout: 150_000 }).toBeGreaterThan(leastCalls);

  const page = await context.newPage();
  await page.goto('/');
  await awake(page);
  await watch(page);
  const devtools = await context.newCDPSession(page);
  await devtools.send('Performance.enable', { timeDomain: 'threadTicks' });
  const before = { ...usage(starboard.pid), ...(await board(context)), at: performance.now() };
  let [busy, began] = [await busyS(devtools), performance.now()];
  const turn = async (when: string) => {
    const [tookS, now] = [(performance.now() - began) / 1000, await busyS(devtools)];
    tell(when, await take(page), tookS);
    const parts = Object.keys(now).map((name) => `${name} ${(now[name] - busy[name]).toFixed(1)}`);
    const share = ((now.all - busy.all) / tookS) * 100;
    say(`  CPU of the page's thread in ${tookS.toFixed(0)} s`, `${share.toFixed(0)}% of a core; seconds: ${parts.join(', ')}`, '-');
    [busy, began] = [await busyS(devtools), performance.now()];
  };
  await page.waitForTimeout(restS * 1000);
  await turn('at rest');
  await page.mouse.move(300, 500);
  for (let step = 0; step < 100; step += 1) {
    await page.mouse.wheel(0, step < 50 ? 400 : -400);
    await page.waitForTimeout(30);
  }
  await turn('while scrolling people');
  const [tiles, elements] = await page.evaluate(() => [document.querySelectorAll('.tile').length, document.querySelectorAll('*').length]);
  const after = { ...usage(starboard.pid), ...(await board(context)), at: performance.now() };
  const changesPerS = ((after.sequence - before.sequence) / (after.at - before.at)) * 1000;
  say('changes a second, calls up', `${changesPerS.toFixed(0)}, ${after.calls.length}`, '-');
  say('tiles in the document', `${tiles} of ${people}, ${elements} elements in all`, 'only what is near');
  say('server CPU meanwhile', `${(after.cpuS - before.cpuS).toFixed(1)} s`, '-');
  expect(tiles).toBeLessThan(people / 5);
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

/** CPU seconds of the page's own thread, and what they were for; drawing is in none of the parts. */
async function busyS(devtools: CDPSession): Promise<Record<string, number>> {
  const { metrics } = await devtools.send('Performance.getMetrics');
  const of = (wanted: string) => metrics.find(({ name }) => name === wanted)?.value ?? NaN;
  return { all: of('TaskDuration'), script: of('ScriptDuration'), style: of('RecalcStyleDuration'), layout: of('LayoutDuration') };
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
  const late = (frames.filter((frame) => frame > lateMs).length / frames.length) * 100;
  say(`frames ${when}, ms`, `p50 ${at(0.5)}, p95 ${at(0.95)}, p99 ${at(0.99)}`, `p95 <= ${lateMs}`);
  say(`  frames that are later`, `${late.toFixed(1)}% of ${frames.length}`, '-');
  const sum = long.reduce((one, other) => one + other, 0);
  say(`  tasks over 50 ms`, `${long.length}, ${((sum / tookS) / 10).toFixed(1)}% of the time, longest ${Math.max(0, ...long).toFixed(0)} ms`, '-');
  say(`  changes of the document a second`, (mutations / tookS).toFixed(0), '-');
}
