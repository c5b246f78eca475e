/**
 * From Enter in the search of calls to the page that shows what was found, among the calls of a database that
 * `STARBOARD_KEPT=FILE scripts/bench history` has written.
 */
import { constants } from 'node:fs';
import { copyFile, rm } from 'node:fs/promises';

import { expect } from '@playwright/test';

import { startScripted } from '../stage/pbx';
import { Starboard } from '../stage/server';
import { awake } from '../stage/test';
import { test } from './ending';
import { percentile, say } from './measure';
import { live, signIn } from './visitor';

const kept = process.env.STARBOARD_KEPT;
/** What people look for: parts of numbers and names, queues, what came of it, and some of it together. */
const searches = [
  '55512', 'schmidt', 'from:0301', 'queue:support missed', 'özg', 'ext:1042', 'queue:sales,orders answered longer:300',
  'outbound trunk:carrier-b', 'grace d', 'to:1007 answered', 'recorded longer:20m', 'from:77 queue:billing', 'failed', 'la ro',
  'by:1100', 'in busy', 'with:3034 shorter:60', 'queue:press', '0307', 'nobody of this name', '',
];
const rounds = 4;

test('from Enter to the calls that were found', async ({ browser, ending }) => {
  test.skip(!kept, 'there are no calls to find: STARBOARD_KEPT=FILE, written by scripts/bench history');
  test.setTimeout(600_000);
  const database = `${kept}.searched`;
  await copyFile(kept ?? '', database, constants.COPYFILE_FICLONE);
  try {
    const pbx = ending(await startScripted());
    const starboard = ending(await Starboard.start({ name: 'Harbour', manager: pbx.manager }, [], database));
    const context = ending(await signIn(browser, starboard));
    await live(context);
    const page = await context.newPage();
    await page.goto('/calls/history');
    await awake(page);
    await expect(page.getByRole('status').filter({ hasText: 'calls' })).toBeVisible();
    const search = page.getByRole('searchbox');
    const took: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      for (const text of searches) {
        await search.fill(text);
        const drawn = await page.evaluateHandle(() => {
          const list = document.querySelector('.desk-list');
          const shown = () => list?.querySelector('table, .nothing') !== null;
          const drawn = new Promise<number>((done) => {
            document.addEventListener(
              'keydown',
              ({ timeStamp }) => {
                let last = 0;
                // the frame after whatever changed last, once nothing changes any more
                const ends = () => (last > 0 && shown() && performance.now() - last > 300 ? done(last - timeStamp) : setTimeout(ends, 50));
                const changes = new MutationObserver(() => requestAnimationFrame(() => (last = performance.now())));
                if (list) changes.observe(list, { subtree: true, childList: true, characterData: true });
                ends();
              },
              { once: true, capture: true },
            );
          });
          return { drawn };
        });
        await search.press('Enter');
        const ms = await drawn.evaluate(({ drawn }) => drawn);
        // each is looked for once before it counts
        if (round > 0) took.push(ms);
      }
    }
    say('from Enter to the page, ms (median)', percentile(took, 0.5).toFixed(0), '-');
    say('from Enter to the page, ms (p95)', percentile(took, 0.95).toFixed(0), '<= 150');
    say('from Enter to the page, ms (longest)', percentile(took, 1).toFixed(0), '-');
    const worst = [...took.keys()].sort((one, other) => took[other] - took[one]).slice(0, 5);
    console.log(worst.map((at) => `  ${took[at].toFixed(0)} ms  ${searches[at % searches.length]}`).join('\n'));
  } finally {
    for (const of of ['', '-wal', '-shm']) await rm(database + of, { force: true });
  }
});
