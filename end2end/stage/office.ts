import { Starboard } from './server';
import { test } from './test';

/** A Starboard of its own for each test, and a browser that knows nothing yet. */
export const alone = test.extend<{ own: Starboard }>({
  own: async ({ pbx }, use) => {
    const own = await Starboard.start({ name: 'Harbour', manager: pbx.manager });
    await use(own);
    await own.end();
  },
  baseURL: async ({ own }, use) => use(own.url),
  storageState: { cookies: [], origins: [] },
});

/** The same for tests that change who may do what. */
export const office = alone.extend({
  // a browser notes by itself what a server refuses
  expectedComplaints: async ({ own }, use) => {
    void own;
    await use([/status of (401|403|409|422)/]);
  },
});
