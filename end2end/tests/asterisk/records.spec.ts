/** Asterisk's own records of a morning, and the calls that Starboard saw of it: each call is there once, also the one that nobody saw. */
import { join } from 'node:path';

import type { Asterisk } from '../../stage/pbx';
import { Starboard } from '../../stage/server';
import { expect, test } from '../../stage/test';

test.setTimeout(120_000);

interface Checked {
  matched: number;
  repaired: number;
  entered: number;
  only_here: number;
  only_there: number;
  open: number;
}

/** Nobody is on the line, and every record is written. */
async function quiet(asterisk: Asterisk): Promise<void> {
  await expect.poll(() => asterisk.cli('core show channels count'), { timeout: 30_000 }).toContain('0 active calls');
}

test('calls match their records one by one, and a call that nobody saw is entered from its record', async ({ asterisk }) => {
  const manager = { ...asterisk.manager, username: 'records' };
  const starboard = await Starboard.start({ name: 'Harbour', manager });
  const from = new Date().toISOString().slice(0, 19);
  const check = async (...more: string[]): Promise<Checked> =>
    JSON.parse(await starboard.command('cdr', 'check', '--json', '--pbx', 'Harbour', '--from', from, ...more)) as Checked;
  try {
    await asterisk.register('1001', '1002', '1003', '1008');
    // told, and given up while it rings, and busy, and handed on, and through a queue from outside
    asterisk.phone('1002', 'answer', { pauseMs: 1_000, calls: 2 });
    await asterisk.phone('1001', 'call', { to: '1002', pauseMs: 1_200 }).ended;
    await quiet(asterisk);
    asterisk.phone('1003', 'busy');
    await asterisk.phone('1001', 'call', { to: '1003' }).ended;
    await quiet(asterisk);
    asterisk.phone('1003', 'answer-hang-up', { pauseMs: 1_000 });
    await asterisk.phone('1001', 'call-transfer', { to: '1002', pauseMs: 1_000, referTo: '1003' }).ended;
    await quiet(asterisk);
    asterisk.phone('1008', 'answer', { pauseMs: 1_500 });
    await asterisk.phone('provider', 'provider-call', { to: '0405550102', pauseMs: 3_000, caller: '0401234567', shown: 'Mira Castellanos' }).ended;
    await quiet(asterisk);

    // the manager has told of all of them
    await expect.poll(() => check(), { timeout: 30_000 }).toMatchObject({ matched: 4, repaired: 0, only_here: 0, only_there: 0 });

    await starboard.kill();
    asterisk.phone('1002', 'answer', { pauseMs: 1_000 });
    await asterisk.phone('1001', 'call', { to: '1002', pauseMs: 1_200 }).ended;
    await quiet(asterisk);
    await starboard.startAgain();

    const file = join(asterisk.folder, 'log/cdr-csv/Master.csv');
    await starboard.command('cdr', 'source', file, '--pbx', 'Harbour', '--zone', 'UTC', '--every', 'never');
    const read = JSON.parse(await starboard.command('cdr', 'sync', '--json')) as { damaged: number; changed: number };
    expect(read, 'what the manager told is the same').toMatchObject({ damaged: 0, changed: 0 });
    // a call has to be over for a minute before it is entered
    const entered = { matched: 4, repaired: 1, entered: 1, only_here: 0, only_there: 0, open: 0 };
    await expect.poll(() => check('--dry-run'), { timeout: 90_000, intervals: [2_000] }).toMatchObject(entered);
    expect(await check()).toMatchObject(entered);
    expect(await check(), 'once').toMatchObject({ ...entered, entered: 0 });
  } finally {
    await starboard.end();
  }
});
