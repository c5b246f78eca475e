/** Browsers of a measurement: one administrator, real pages, and sockets that only take what a page would get. */
import { type Browser, type BrowserContext, expect } from '@playwright/test';

import { setUp } from '../pages/doorstep';
import type { Starboard } from '../stage/server';

/** A context that is signed in, with a page open that is no board: sockets live in it. */
export async function signIn(browser: Browser, starboard: Starboard): Promise<BrowserContext> {
  const context = await browser.newContext({ baseURL: starboard.url });
  const page = await context.newPage();
  await setUp(page, starboard.setupLink);
  await page.close();
  return context;
}

/** Opens `count` live sockets with nothing but a reader behind them. */
export async function openSockets(context: BrowserContext, count: number): Promise<void> {
  const page = await context.newPage();
  await page.goto('/healthz');
  await page.evaluate(async (wanted) => {
    const address = `${location.origin.replace('http', 'ws')}/live`;
    const opened = Array.from({ length: wanted }, async () => {
      const socket = new WebSocket(address);
      socket.binaryType = 'arraybuffer';
      await new Promise((resolve, reject) => {
        socket.onmessage = resolve;
        socket.onclose = reject;
      });
    });
    await Promise.all(opened);
  }, count);
}

export interface Rows {
  calls: string[];
  states: string[];
  link: string;
  /** Changes so far. */
  sequence: number;
}

/** What the server says now: the calls that are up, and each extension with its state. */
export async function board(context: BrowserContext): Promise<Rows> {
  const page = await context.newPage();
  await page.goto('/healthz');
  const rows = await page.evaluate(async () => {
    const socket = new WebSocket(`${location.origin.replace('http', 'ws')}/live?format=json`);
    const text = await new Promise<string>((resolve, reject) => {
      socket.onmessage = ({ data }) => resolve(data);
      socket.onclose = reject;
    });
    socket.close();
    const { sequence, pbxs } = JSON.parse(text).Snapshot;
    const [pbx] = pbxs;
    type Extension = { number: string; device_state: string; registration: string; dnd: boolean | null; engagements: unknown[] };
    const rows: { Call?: { id: string }; Extension?: Extension }[] = pbx.board;
    return {
      calls: rows.flatMap((row) => row.Call?.id ?? []),
      states: rows.flatMap(({ Extension: row }) =>
        row ? [row.number, row.device_state, row.registration, row.dnd, row.engagements.length].join(' ') : [],
      ),
      link: JSON.stringify(pbx.pbx.link),
      sequence,
    };
  });
  await page.close();
  return rows;
}

/** The board has been compared with the PBX's own lists. */
export async function live(context: BrowserContext): Promise<void> {
  await expect.poll(async () => (await board(context)).link, { timeout: 20_000 }).toBe('"Live"');
}
