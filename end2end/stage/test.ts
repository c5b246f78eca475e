/** What every test has: a PBX behind a cable, a Starboard on it, a signed-in page that must not complain. */
import { AxeBuilder } from '@axe-core/playwright';
import { type BrowserContext, type BrowserContextOptions, test as base, expect, type Page } from '@playwright/test';

import { setUp } from '../pages/doorstep';
import { Cable } from './cable';
import { Asterisk, type Pbx, startSimulator } from './pbx';
import { Starboard } from './server';

export type PbxKind = 'simulator' | 'asterisk';

export interface Options {
  pbxKind: PbxKind;
}

type StorageState = Exclude<BrowserContextOptions['storageState'], string | undefined>;

interface PerWorker extends Options {
  pbx: Pbx;
  cable: Cable;
  starboard: Starboard;
  /** The cookies of the first administrator. */
  signedIn: StorageState;
}

interface PerTest {
  /** Somebody else's browser; its console is listened to as well, and it is closed at the end. */
  visitor: (options: BrowserContextOptions) => Promise<BrowserContext>;
  /** Messages of the console that a test provokes on purpose. */
  expectedComplaints: RegExp[];
  /** The real PBX, silent at the beginning and at the end of every test. */
  asterisk: Asterisk;
}

export const test = base.extend<PerTest, PerWorker>({
  pbxKind: ['simulator', { option: true, scope: 'worker' }],

  pbx: [
    async ({ pbxKind }, use) => {
      const pbx = pbxKind === 'asterisk' ? await Asterisk.start() : await startSimulator();
      await use(pbx);
      await pbx.end();
    },
    { scope: 'worker', timeout: 120_000 },
  ],

  cable: [
    async ({ pbx }, use) => {
      const cable = await Cable.to(pbx.manager.host, pbx.manager.port);
      await use(cable);
      await cable.close();
    },
    { scope: 'worker' },
  ],

  starboard: [
    async ({ pbx, cable }, use) => {
      const manager = { ...pbx.manager, host: '127.0.0.1', port: cable.port };
      // it serves every test of its worker, which may take longer than somebody is believed to be who they are
      const starboard = await Starboard.start({ name: 'Harbour', manager }, ['confirm_again_s = 3600']);
      await use(starboard);
      await starboard.end();
    },
    { scope: 'worker', timeout: 60_000 },
  ],

  signedIn: [
    async ({ browser, starboard }, use) => {
      const context = await browser.newContext({ baseURL: starboard.url });
      const complaints = listen(context);
      await setUp(await context.newPage(), starboard.setupLink);
      const state = await context.storageState();
      await context.close();
      expect(complaints, 'the console stays silent').toEqual([]);
      await use(state);
    },
    { scope: 'worker', timeout: 60_000 },
  ],

  expectedComplaints: [[], { option: true }],

  baseURL: async ({ starboard }, use) => use(starboard.url),

  storageState: async ({ signedIn }, use) => use(signedIn),

  context: async ({ context, expectedComplaints, starboard }, use, info) => {
    const complaints = listen(context);
    await use(context);
    if (info.status !== info.expectedStatus) {
      await info.attach('starboard', { body: starboard.output.slice(-100_000), contentType: 'text/plain' });
    }
    expect(unexpected(complaints, expectedComplaints), 'the console stays silent').toEqual([]);
  },

  visitor: async ({ browser, expectedComplaints }, use) => {
    const opened: { context: BrowserContext; complaints: string[] }[] = [];
    await use(async (options) => {
      // nobody is signed in there: a context of a test would come with the cookies of the administrator
      const context = await browser.newContext({ storageState: { cookies: [], origins: [] }, ...options });
      opened.push({ context, complaints: listen(context) });
      return context;
    });
    for (const { context } of opened) await context.close();
    const complaints = opened.flatMap((one) => one.complaints);
    expect(unexpected(complaints, expectedComplaints), 'the console stays silent').toEqual([]);
  },

  asterisk: async ({ pbx }, use, info) => {
    if (!(pbx instanceof Asterisk)) throw new Error('this test needs the real Asterisk');
    await pbx.clear();
    await use(pbx);
    if (info.status !== info.expectedStatus) {
      for (const [name, body] of await pbx.records()) await info.attach(name, { body, contentType: 'text/plain' });
    }
    await pbx.clear();
  },
});

/** Collects errors, warnings and uncaught exceptions of every page of a context. */
function listen(context: BrowserContext): string[] {
  const complaints: string[] = [];
  context.on('weberror', (error) => complaints.push(`uncaught: ${error.error().stack ?? error.error().message}`));
  context.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') {
      complaints.push(`${message.type()}: ${message.text()} (${message.location().url})`);
    }
  });
  return complaints;
}

function unexpected(complaints: string[], expected: RegExp[]): string[] {
  return complaints.filter((text) => !expected.some((pattern) => pattern.test(text)));
}

/** The page has woken up and its live board is joined to the server. */
export async function awake(page: Page): Promise<void> {
  await expect(page.locator('.topbar .lamp')).toHaveAttribute('data-lamp', 'live', { timeout: 20_000 });
}

/** No rule of WCAG 2.2 AA is broken. */
export async function accessible(page: Page): Promise<void> {
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
  const { violations } = await new AxeBuilder({ page }).withTags(tags).analyze();
  const found = violations.map(({ id, help, nodes }) => ({ id, help, where: nodes.map((node) => node.target.join(' ')) }));
  expect(found, 'axe finds nothing').toEqual([]);
}

export { expect };
