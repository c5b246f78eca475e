/** 2,000 agents in queues and hundreds of calls: the page of queues answers hands at once and scrolls smoothly. */
import { connect } from 'node:net';

import { type Browser, type BrowserContext, expect, type Page } from '@playwright/test';

import { type Manager, startSimulator } from '../stage/pbx';
import { Starboard } from '../stage/server';
import { awake } from '../stage/test';
import { type Ending, test } from './ending';
import { percentile, say, usage } from './measure';
import { board, live, signIn } from './visitor';

const people = 2000;
const callsPerS = 10;
const talkS = 78;
const leastCalls = 300;
/** A queue's row holds a thousand at most. */
const queues = ['support', 'sales', 'service'];
const lateMs = 34;
const delayMs = 50;
const restS = 20;
/** Of one turn of the wheel; thirty are turned in a second: reading, looking for somebody, and as fast as a hand can. */
const speeds = [40, 120, 400];
const soakMin = Number(process.env.STARBOARD_SOAK_MIN ?? 0);

/** Everybody serves a queue. */
async function everybodyServes({ host, port, username, secret }: Manager): Promise<void> {
  const socket = connect({ host, port });
  let answered = 0;
  const done = new Promise<void>((resolve) => {
    socket.on('data', (bytes: Buffer) => {
      answered += bytes.toString('latin1').split('Response: ').length - 1;
      if (answered > people) resolve();
    });
  });
  const action = (fields: Record<string, string | number>) =>
    socket.write(`${Object.entries(fields).map(([name, value]) => `${name}: ${value}`).join('\r\n')}\r\n\r\n`);
  action({ Action: 'Login', Username: username, Secret: secret, Events: 'off' });
  for (let at = 0; at < people; at += 1) {
    const number = 1001 + at;
    action({ Action: 'QueueAdd', Queue: queues[at % queues.length], Interface: `PJSIP/${number}`, MemberName: `Agent ${number}` });
  }
  await done;
  socket.destroy();
}

/** The company at work: its Starboard, and a browser that is signed in there. */
async function open(browser: Browser, ending: Ending): Promise<{ starboard: Starboard; context: BrowserContext }> {
  const load = ['--calls-per-s', `${callsPerS}`, '--talk-s', `${talkS}`];
  const pbx = ending(await startSimulator('--people', `${people}`, '--quiet', ...load));
  await everybodyServes(pbx.manager);
  const starboard = ending(await Starboard.start({ name: 'Harbour', manager: pbx.manager }));
  const context = ending(await signIn(browser, starboard));
  await live(context);
  await expect.poll(async () => (await board(context)).calls.length, { timeout: 150_000 }).toBeGreaterThan(leastCalls);
  return { starboard, context };
}

test('a page of queues that is open for long', async ({ browser, ending }) => {
  test.skip(!soakMin, 'STARBOARD_SOAK_MIN says for how many minutes');
  test.setTimeout((soakMin + 5) * 60_000);
  const { starboard, context } = await open(browser, ending);
  const page = await context.newPage();
  await page.goto('/queues/1/support');
  await awake(page);
  const tools = await context.newCDPSession(page);
  const began = await board(context);
  // what was made for the first screens is gone before the first look
  const heapsMb: number[] = [];
  const rssMb: number[] = [];
  for (let minute = 0; minute <= soakMin; minute += 1) {
    await page.waitForTimeout(60_000);
    // an administrator who does nothing for half an hour is signed out
    await page.keyboard.press('Shift');
    await tools.send('HeapProfiler.collectGarbage');
    const { usedSize } = await tools.send('Runtime.getHeapUsage');
    heapsMb.push(usedSize / 1e6);
    rssMb.push(usage(starboard.pid).rssMb);
    console.log(`minute ${minute}: heap ${heapsMb.at(-1)?.toFixed(2)} MB, server ${rssMb.at(-1)?.toFixed(1)} MB`);
  }
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const fifth = Math.max(1, Math.floor(heapsMb.length / 5));
  const [first, last] = [mean(heapsMb.slice(0, fifth)), mean(heapsMb.slice(-fifth))];
  say('heap of the page, first and last fifth, MB', `${first.toFixed(2)}, ${last.toFixed(2)} over ${soakMin} min`, 'flat');
  say('server memory, first, last, peak MB', `${rssMb[0].toFixed(0)}, ${rssMb.at(-1)?.toFixed(0)}, ${usage(starboard.pid).peakMb.toFixed(0)}`, '< 200');
  const ended = await board(context);
  say('changes a second, calls up', `${((ended.sequence - began.sequence) / (60 * (soakMin + 1))).toFixed(0)}, ${ended.calls.length}`, '-');
});

test('the page of queues of a large company', async ({ browser, ending }) => {
  const { context } = await open(browser, ending);
  const page = await context.newPage();
  await page.goto('/queues/1/support');
  await awake(page);
  const agents = page.getByRole('region', { name: 'Agents' });
  await expect(agents.getByRole('heading')).toContainText(/[5-9]\d\d/);
  const before = { ...(await board(context)), at: performance.now() };
  await watch(page);
  await page.waitForTimeout(restS * 1000);
  tell('at rest', await take(page));
  await page.mouse.move(1000, 500);
  for (const px of speeds) {
    await take(page);
    await scroll(page, px);
    tell(`while agents are scrolled by ${px * 30} px/s`, await take(page));
  }
  const first = agents.getByRole('group').first();
  await first.focus();
  for (let step = 0; step < 60; step += 1) {
    await page.keyboard.press(step % 2 ? 'ArrowUp' : 'ArrowDown');
    await page.waitForTimeout(50);
  }
  const { delays } = await take(page);
  say('from a key to the next frame, ms', `p50 ${percentile(delays, 0.5).toFixed(0)}, p95 ${percentile(delays, 0.95).toFixed(0)}`, `p95 < ${delayMs}`);
  const after = { ...(await board(context)), at: performance.now() };
  const changesPerS = ((after.sequence - before.sequence) / (after.at - before.at)) * 1000;
  say('changes a second, calls up', `${changesPerS.toFixed(0)}, ${after.calls.length}`, '-');
  await floor(browser, page, context);
  const rows = await page.locator('.queue-row').count();
  say('rows in the document', `${rows}`, 'only what is near');
  const heap = await page.evaluate(() => (performance as unknown as { memory: { usedJSHeapSize: number } }).memory.usedJSHeapSize);
  say('heap of the page', `${(heap / 1e6).toFixed(0)} MB`, '-');
  expect(rows).toBeLessThan(200);
});

interface Watched {
  frames: number[];
  delays: number[];
}

/** Down for three seconds, then up again. */
async function scroll(page: Page, px: number): Promise<void> {
  for (let step = 0; step < 180; step += 1) {
    await page.mouse.wheel(0, step < 90 ? px : -px);
    await page.waitForTimeout(1000 / 30);
  }
}

/** What scrolling costs where nothing happens: every row of the same page as the server sends it, without a script of ours. */
async function floor(browser: Browser, page: Page, context: BrowserContext): Promise<void> {
  const plain = await browser.newContext({ javaScriptEnabled: false, storageState: await context.storageState() });
  const whole = await plain.newPage();
  await whole.goto(`${page.url()}?all`);
  const html = (await whole.content()).replace(/<script[\s\S]*?<\/script>/g, '').replace('<head>', `<head><base href="${page.url()}">`);
  await plain.close();
  const still = await context.newPage();
  await still.setContent(html);
  await watch(still);
  await still.mouse.move(1000, 500);
  for (const px of speeds) {
    await take(still);
    await scroll(still, px);
    tell(`  the same rows, still, by ${px * 30} px/s`, await take(still));
  }
  await still.close();
}

/** Notes every frame, and how long after a key the next one is drawn. */
async function watch(page: Page): Promise<void> {
  await page.evaluate(() => {
    const watched: Watched = { frames: [], delays: [] };
    Object.assign(window, { watched });
    let last = performance.now();
    const frame = (now: number) => {
      watched.frames.push(now - last);
      last = now;
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
    window.addEventListener('keydown', (event) => requestAnimationFrame(() => watched.delays.push(performance.now() - event.timeStamp)), true);
  });
}

async function take(page: Page): Promise<Watched> {
  return page.evaluate(() => {
    const { watched } = window as unknown as { watched: Watched };
    return { frames: watched.frames.splice(0), delays: watched.delays.splice(0) };
  });
}

function tell(when: string, { frames }: Watched) {
  const at = (share: number) => percentile(frames, share).toFixed(0);
  const late = (frames.filter((frame) => frame > lateMs).length / frames.length) * 100;
  say(`frames ${when}, ms`, `p50 ${at(0.5)}, p95 ${at(0.95)}, p99 ${at(0.99)}; ${late.toFixed(1)}% of ${frames.length} late`, `p95 <= ${lateMs}`);
}
