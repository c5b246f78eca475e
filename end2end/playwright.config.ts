/** Two projects: against the built-in simulator, and against a real Asterisk, which has one test at a time. */
import { execFileSync } from 'node:child_process';

import { defineConfig } from '@playwright/test';

import type { Options } from './stage/test';

/** The system's own browser: nothing is downloaded. */
function browser(): string {
  const names = ['chromium', 'chromium-browser', 'google-chrome'];
  for (const name of names) {
    try {
      return execFileSync('which', [name], { encoding: 'utf8' }).trim();
    } catch {
      // the next name may be there
    }
  }
  throw new Error(`no browser on PATH (${names.join(', ')}); run: make setup`);
}

export default defineConfig<Options>({
  outputDir: 'test-results',
  reporter: [['list'], ['./stage/closing-line.ts']],
  // a worker has a Starboard, a PBX and a browser of its own; more than two are slower than the times claimed
  workers: 2,
  fullyParallel: false,
  forbidOnly: !!process.env.CI,
  // a shared machine may be slow once; a test that needed its second try is reported as flaky
  retries: process.env.CI ? 1 : 0,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  use: {
    viewport: { width: 1440, height: 900 },
    trace: 'retain-on-failure',
    launchOptions: {
      executablePath: browser(),
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
  projects: [
    { name: 'simulator', testDir: 'tests/simulator', use: { pbxKind: 'simulator' } },
    { name: 'asterisk', testDir: 'tests/asterisk', use: { pbxKind: 'asterisk' }, workers: 1 },
  ],
});
