import { Starboard } from './server';
import { test } from './test';

/** A Starboard of its own: these tests change who may do what. */
export const office = test.extend<{ own: Starboard }>({
  own: async ({ pbx }, use) => {
    const own = await Starboard.start({ name: 'Harbour', manager: pbx.manager });
    await use(own);
    await own.end();
  },
  baseURL: async ({ own }, use) => use(own.url),
  storageState: { cookies: [], origins: [] },
  // a browser notes by itself what a server refuses
  expectedComplaints: async ({ own }, use) => {
    void own;
    await use([/status of (401|403|409|422)/]);
  },
});
