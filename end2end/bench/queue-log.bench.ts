/** 1,000 calls of queues on a real Asterisk while the link is cut at random: no row says anything false, and the log heals every one. */
import { readFileSync } from 'node:fs';

import { expect } from '@playwright/test';

import { Cable } from '../stage/cable';
import { call, cutAtRandom, dice, empty, held, type Judgement, open } from '../stage/crowd';
import { Asterisk } from '../stage/pbx';
import { Starboard } from '../stage/server';
import { test } from './ending';
import { say } from './measure';

const calls = Number(process.env.CALLS ?? 1000);
const perS = 1.6;
const seed = Number(process.env.SEED ?? 26);
const settledMs = 40_000;

test('calls of queues with the link cut at random', async ({ ending }) => {
  const forS = Math.ceil((calls / perS) * 1.5) + 120;
  test.setTimeout((forS + 240) * 1000);
  const asterisk = ending(await Asterisk.start());
  await open(asterisk, forS);
  const start = async (queueLog?: string) => {
    const cable = ending(await Cable.to(asterisk.manager.host, asterisk.manager.port));
    const manager = { ...asterisk.manager, host: '127.0.0.1', port: cable.port };
    return { cable, starboard: ending(await Starboard.start({ name: 'Harbour', manager, queueLog })) };
  };
  // one reads the log all the time; the other gets it when everything is over
  const following = await start(`${asterisk.folder}/log/queue_log`);
  const blind = await start();
  const begun = Date.now();
  const callers = call(asterisk, calls, perS);
  const cuts = [following, blind].map(({ cable }, at) => cutAtRandom(cable, dice(seed + at), { wholeMs: 25_000, cutMs: 6_000 }));
  const deaths = setInterval(() => {
    void following.starboard.kill().then(() => following.starboard.startAgain());
  }, 90_000);
  await Promise.all(callers.map((caller) => caller.ended));
  await expect.poll(() => empty(asterisk), { timeout: 60_000 }).toBe(true);
  clearInterval(deaths);
  const [cutsOfFollowing, cutsOfBlind] = cuts.map((stop) => stop());
  // a log proves nothing about what came after its last line: one more call, when both see the PBX again
  const seesAgain = async (of: Starboard) => (await held(of.database, asterisk)).gaps_not_over;
  for (const { starboard } of [following, blind]) await expect.poll(() => seesAgain(starboard), { timeout: settledMs }).toBe(0);
  await Promise.all(call(asterisk, 1, perS).map((caller) => caller.ended));
  await expect.poll(() => empty(asterisk), { timeout: 60_000 }).toBe(true);
  say('calls, seconds', `${calls}, ${((Date.now() - begun) / 1000).toFixed(0)}`, '-');

  const tell = (who: string, told: Judgement, cut: number) => {
    const { wrong, marked, doubted, marked_and_off, missing, from_log, gaps_not_filled, found } = told;
    const marks = `marked ${marked} (off ${marked_and_off}, told otherwise ${doubted}), missing ${missing}, of the log ${from_log}, gaps ${gaps_not_filled}`;
    say(`${who}: ${told.calls} visits, ${cut} cuts`, `wrong ${wrong}; ${marks}`, 'wrong 0');
    console.log(JSON.stringify(told));
    const log = found.length ? readFileSync(`${asterisk.folder}/log/queue_log`, 'utf8').split('\n') : [];
    for (const one of found) console.log(log.filter((line) => line.includes(String(one[2]))).join('\n'));
    expect(found).toEqual([]);
    expect(wrong).toBe(0);
  };
  const settled = (of: Starboard) =>
    expect.poll(async () => (await held(of.database, asterisk)).found, { timeout: settledMs, intervals: [1_000] }).toEqual([]);
  await settled(blind.starboard);
  tell('without the log', await held(blind.starboard.database, asterisk), cutsOfBlind);
  // what ended less than a minute ago is left alone by an import
  await new Promise((resolve) => setTimeout(resolve, 62_000));
  const file = `${asterisk.folder}/log/queue_log`;
  const preview = await blind.starboard.command('queue-log', 'import', '--pbx', 'Harbour', '--dry-run', file);
  const before = await held(blind.starboard.database, asterisk);
  console.log(preview.split('\n').slice(-4).join('\n'));
  console.log((await blind.starboard.command('queue-log', 'import', '--pbx', 'Harbour', file)).split('\n').slice(-3).join('\n'));
  const after = await held(blind.starboard.database, asterisk);
  tell('after the import', after, cutsOfBlind);
  expect(before.missing + before.marked, 'there was something to heal').toBeGreaterThan(0);
  // a PBX that is late with a burst of events tells it at another time than its log does: what stays marked is that and no more
  expect([after.missing, after.marked - after.doubted, after.gaps_not_filled]).toEqual([0, 0, 0]);
  const followed = await held(following.starboard.database, asterisk);
  tell('with the log followed', followed, cutsOfFollowing);
  expect([followed.missing, followed.marked - followed.doubted, followed.gaps_not_filled]).toEqual([0, 0, 0]);
});
