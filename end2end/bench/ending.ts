/** What a measurement starts ends with it, whether it succeeds, fails or runs out of time. */
import { test as base } from '@playwright/test';

type Started = { end(): Promise<unknown> } | { close(): Promise<unknown> };

/** Keeps in mind what has to be ended, and gives it back. */
export type Ending = <Thing extends Started>(thing: Thing) => Thing;

/** A test with `ending`, which takes whatever has to be ended and gives it back. */
export const test = base.extend<{ ending: Ending }>({
  ending: async ({}, use) => {
    const started: Started[] = [];
    await use((thing) => {
      started.push(thing);
      return thing;
    });
    // each is asked to, even where another cannot
    await Promise.all(started.reverse().map((thing) => ('end' in thing ? thing.end() : thing.close())));
  },
});
