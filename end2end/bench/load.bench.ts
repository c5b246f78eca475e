/** 6,000 events a second for a minute: no disconnect, the board right at the end, little memory. */
import { expect } from '@playwright/test';

import { Starboard } from '../stage/server';
import { Company } from './company';
import { test } from './ending';
import { say, usage } from './measure';
import { board, live, openSockets, signIn } from './visitor';

// each is some thirty events to an account with the rights that Starboard asks for
const callsPerS = 215;
const talkS = 4.2;
const measureS = 60;
const sockets = 20;
const leastEventsPerS = 6000;
const mostMb = 150;

test('a minute of 6,000 events a second', async ({ browser, ending }) => {
  const company = ending(await Company.open({ counted: true }));
  const starboard = ending(await Starboard.start({ name: 'Harbour', manager: company.manager }));
  const context = ending(await signIn(browser, starboard));
  await live(context);
  await openSockets(context, sockets);

  const before = usage(starboard.pid);
  company.load(callsPerS, talkS);
  // the first calls are up before the minute begins
  await new Promise((resolve) => setTimeout(resolve, 6000));
  const [events, cpuS, began] = [company.events, usage(starboard.pid).cpuS, performance.now()];
  let most = 0;
  while (performance.now() - began < measureS * 1000) {
    await new Promise((resolve) => setTimeout(resolve, 5000));
    most = Math.max(most, (await board(context)).calls.length);
  }
  const tookS = (performance.now() - began) / 1000;
  const eventsPerS = (company.events - events) / tookS;
  const after = usage(starboard.pid);
  const state = await company.calm();
  expect(state, 'the PBX is quiet').toMatch(/^ok channels=0 bridges=0/);

  // the truth: a Starboard that begins now and knows nothing but the PBX's own lists
  const second = ending(await Starboard.start({ name: 'Harbour', manager: company.manager }));
  const fresh = ending(await signIn(browser, second));
  await live(fresh);
  const truth = await board(fresh);
  await expect.poll(async () => (await board(context)).calls, { message: 'no call is left over' }).toEqual([]);
  await expect.poll(async () => (await board(context)).states, { message: 'the board is right' }).toEqual(truth.states);
  const ups = starboard.output.match(/link up/g)?.length ?? 0;
  const lost = starboard.output.match(/link down|were lost/g)?.length ?? 0;

  say('events a second from the PBX', `${eventsPerS.toFixed(0)} for ${tookS.toFixed(0)} s`, `>= ${leastEventsPerS}`);
  say('calls', `${company.begun} begun, ${most} up at most`, '-');
  say('disconnects; messages lost', `${ups - 1}; ${lost}`, '0; 0');
  say('board at the end', `${truth.states.length} extensions right, 0 calls left`, 'right');
  say('server memory, peak MB', `${after.peakMb.toFixed(0)} (${before.rssMb.toFixed(0)} before)`, `< ${mostMb}`);
  const cpu = after.cpuS - cpuS;
  say('server CPU', `${((cpu / tookS) * 100).toFixed(0)}% of a core, ${sockets} sockets served`, '-');
  say('  CPU-s per million events', ((cpu / tookS / eventsPerS) * 1e6).toFixed(1), '-');
  expect(company.refused, 'every call was taken').toBe(0);
  expect([ups, lost], 'one login, nothing lost').toEqual([1, 0]);
  expect(after.peakMb).toBeLessThan(mostMb);
  expect(eventsPerS).toBeGreaterThanOrEqual(leastEventsPerS);
});
