/** The measurements that need the whole product: the release server, a PBX under load, a real browser. */
import { defineConfig } from '@playwright/test';

import tests from '../playwright.config';

export default defineConfig({
  testDir: '.',
  testMatch: '*.bench.ts',
  outputDir: '../test-results',
  reporter: 'list',
  workers: 1,
  fullyParallel: false,
  retries: 0,
  timeout: 240_000,
  use: { ...tests.use, trace: 'off' },
});
