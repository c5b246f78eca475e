/** Calls of queues whose link to Starboard is cut at random are put right by Asterisk's own log, and so are pauses: no row says anything false. */
import { call, close, cutAtRandom, dice, empty, held, open, pauses } from '../../stage/crowd';
import { Cable } from '../../stage/cable';
import { Starboard } from '../../stage/server';
import { expect, test } from '../../stage/test';

test('forty calls and two pauses, with the link cut again and again and the server killed among them, are all told rightly in the end', async ({ asterisk }) => {
  test.setTimeout(120_000);
  // what other tests left in the log had other agents
  await asterisk.cli('logger rotate');
  const cable = await Cable.to(asterisk.manager.host, asterisk.manager.port);
  const manager = { ...asterisk.manager, host: '127.0.0.1', port: cable.port };
  const starboard = await Starboard.start({ name: 'Harbour', manager, queueLog: `${asterisk.folder}/log/queue_log` });
  try {
    await open(asterisk, 90);
    const stop = cutAtRandom(cable, dice(4), { wholeMs: 9_000, cutMs: 3_000 });
    const callers = call(asterisk, 40, 2.5);
    await expect.poll(() => asterisk.cli('core show channels count')).toMatch(/[1-9]\d* active calls/);
    await starboard.kill();
    await starboard.startAgain();
    await Promise.all(callers.map((caller) => caller.ended));
    expect(stop()).toBeGreaterThan(0);
    // nobody sees these
    cable.cut();
    await pauses(asterisk, 'PJSIP/1011', 'brief');
    cable.join();
    await expect.poll(() => empty(asterisk), { timeout: 30_000 }).toBe(true);
    const healed = { found: [], missing: 0, marked: 0, gaps_not_filled: 0, pauses: 2 };
    await expect.poll(() => held(starboard.database, asterisk), { timeout: 30_000, intervals: [500] }).toMatchObject(healed);
    expect((await held(starboard.database, asterisk)).from_log, 'there was something to heal').toBeGreaterThan(0);
  } finally {
    await starboard.end();
    await cable.close();
    await close(asterisk);
  }
});
