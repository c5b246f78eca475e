/** A crowd that calls queues of a real Asterisk, a link that is cut meanwhile, and what was kept of it held against Asterisk's log. */
import { execFile } from 'node:child_process';
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { expect } from '@playwright/test';

import type { Cable } from './cable';
import type { Asterisk } from './pbx';
import { repository } from './places';
import type { Program } from './program';

const execute = promisify(execFile);
const judge = join(repository, 'end2end/asterisk/hold-against-log.py');

/** Who serves, with the name that the queue has for them. */
const agents = {
  'Agent one': 'PJSIP/1003',
  'Agent two': 'PJSIP/1009',
  'Never there': 'PJSIP/1004',
  'Agent three': 'PJSIP/1005',
  'Local agent': 'Local/1010@from-internal/n',
  'Nobody answers': 'PJSIP/1006',
  'PJSIP/1008': 'PJSIP/1008',
  'Agent four': 'PJSIP/1011',
};

const queues = `
[brisk]
strategy = ringall
timeout = 3
retry = 1
joinempty = yes
ringinuse = no
setqueuevar = no
member => PJSIP/1003,0,Agent one
member => PJSIP/1009,0,Agent two
member => PJSIP/1004,0,Never there
[sparse]
strategy = rrmemory
timeout = 2
retry = 1
joinempty = yes
ringinuse = no
setqueuevar = no
member => PJSIP/1005,0,Agent three
member => Local/1010@from-internal/n,0,Local agent,hint:1010@from-internal
member => PJSIP/1006,0,Nobody answers
[brief]
strategy = leastrecent
timeout = 3
retry = 1
joinempty = yes
ringinuse = no
setqueuevar = no
member => PJSIP/1008
member => PJSIP/1011,0,Agent four
[late]
strategy = ringall
context = late-keys
joinempty = yes
setqueuevar = no
`;

const dialplan = `
[from-trunk](+)
exten => 0405550110,1,Answer()
 same => n,Queue(brisk,tT,,,60)
 same => n,Hangup()
exten => 0405550111,1,Answer()
 same => n,Queue(sparse,tT,,,60)
 same => n,Hangup()
exten => 0405550112,1,Answer()
 same => n,Queue(brief,tT,,,60)
 same => n,Hangup()
; out after three seconds, and once more into another queue
exten => 0405550113,1,Answer()
 same => n,Queue(late,tT,,,3)
 same => n,Queue(late,tT,,,2)
 same => n,Hangup()
[late-keys]
exten => 1,1,Hangup()
`;

/** One kind of caller. */
interface Kind {
  scenario: string;
  to: string;
  /** How long they stay, or wait before they press the key. */
  stayMs: number;
  /** How many of a hundred calls. */
  share: number;
}

/** `late` is come to twice by whoever waits there. */
const kinds: Kind[] = [
  { scenario: 'provider-call', to: '0405550110', stayMs: 1_900, share: 26 },
  { scenario: 'provider-call', to: '0405550111', stayMs: 3_400, share: 20 },
  { scenario: 'provider-call-and-wait', to: '0405550112', stayMs: 500, share: 20 },
  { scenario: 'provider-call', to: '0405550110', stayMs: 300, share: 8 },
  { scenario: 'provider-call', to: '0405550113', stayMs: 1_300, share: 10 },
  { scenario: 'provider-call-and-wait', to: '0405550113', stayMs: 500, share: 8 },
  { scenario: 'provider-call-key', to: '0405550113', stayMs: 900, share: 8 },
];

/** Gives the PBX the queues, and puts agents at their phones for so long. */
export async function open(asterisk: Asterisk, forS: number): Promise<void> {
  await appendFile(join(asterisk.folder, 'etc/queues.conf'), queues);
  await appendFile(join(asterisk.folder, 'etc/extensions.conf'), dialplan);
  await asterisk.cli('dialplan reload');
  await asterisk.cli('queue reload all');
  await asterisk.register('1003', '1004', '1005', '1006', '1008', '1009', '1010', '1011');
  const many = { calls: 100_000, forS };
  for (const phone of ['1003', '1005', '1009', '1010']) asterisk.phone(phone, 'answer', { ...many, pauseMs: 250 });
  for (const phone of ['1004', '1006']) asterisk.phone(phone, 'ring', many);
  for (const phone of ['1008', '1011']) asterisk.phone(phone, 'answer-hang-up', { ...many, pauseMs: 500 });
}

/** Takes the queues away again. */
export async function close(asterisk: Asterisk): Promise<void> {
  for (const [file, added] of [['queues.conf', queues], ['extensions.conf', dialplan]] as const) {
    const path = join(asterisk.folder, 'etc', file);
    await writeFile(path, (await readFile(path, 'utf8')).replace(added, ''));
  }
  await asterisk.cli('dialplan reload');
  await asterisk.cli('queue reload all');
}

/** Has so many calls come, so many a second; what they are ends by itself. */
export function call(asterisk: Asterisk, calls: number, perS: number): Program[] {
  return kinds.map(({ scenario, to, stayMs, share }, at) => {
    const some = Math.max(1, Math.round((calls * share) / 100));
    const orders = { to, pauseMs: stayMs, calls: some, perS: (perS * share) / 100, caller: `040155${at}00`, shown: `Caller ${at}` };
    return asterisk.phone('provider', scenario, { ...orders, forS: Math.ceil((calls / perS) * 1.5) + 60 });
  });
}

/** Random numbers from 0 to 1, the same ones for the same seed. */
export function dice(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Cuts a cable at random, until it is told to stop; gives the number of cuts. */
export function cutAtRandom(cable: Cable, random: () => number, { wholeMs, cutMs }: { wholeMs: number; cutMs: number }): () => number {
  let cuts = 0;
  let timer: NodeJS.Timeout;
  const cut = () => {
    cuts += 1;
    cable.cut();
    timer = setTimeout(join, (0.1 + random()) * cutMs);
  };
  const join = () => {
    cable.join();
    timer = setTimeout(cut, (0.1 + random()) * wholeMs);
  };
  join();
  return () => {
    clearTimeout(timer);
    cable.join();
    return cuts;
  };
}

/** What the comparison says. */
export interface Judgement {
  /** Calls of the log. */
  calls: number;
  rows: number;
  gaps: number;
  gaps_not_filled: number;
  gaps_not_over: number;
  /** Calls without a row. */
  missing: number;
  /** Rows marked as not certain, */
  marked: number;
  /** of those, the ones that were seen as a whole, and that the log tells otherwise, */
  doubted: number;
  /** and those of the marked ones that say something else than the log. */
  marked_and_off: number;
  /** Rows that stand on the log. */
  from_log: number;
  /** Pauses of the log. */
  pauses: number;
  wrong: number;
  /** What, the queue, the call, the row, the call as the log has it. */
  found: unknown[][];
}

/** Holds what was kept against the log. */
export async function held(database: string, asterisk: Asterisk): Promise<Judgement> {
  const log = join(asterisk.folder, 'log/queue_log');
  const { stdout } = await execute('python3', [judge, database, log, JSON.stringify(agents)], { maxBuffer: 64 << 20 });
  const none = { missing: 0, marked: 0, doubted: 0, marked_and_off: 0, from_log: 0, gaps_not_filled: 0, gaps: 0, pauses: 0 };
  return { ...none, ...JSON.parse(stdout) };
}

/** An agent is paused for lunch, then for a training, each for three seconds of the log, and is ready again. */
export async function pauses(asterisk: Asterisk, agent: string, queue: string): Promise<void> {
  const member = `member ${agent} queue ${queue}`;
  const second = () => Math.floor(Date.now() / 1_000);
  for (const reason of ['Lunch', 'Training']) {
    await asterisk.cli(`queue pause ${member} reason ${reason}`);
    const then = second();
    await expect.poll(second, { intervals: [100] }).toBeGreaterThan(then + 2);
  }
  await asterisk.cli(`queue unpause ${member}`);
}

/** Nobody is on the PBX any more. */
export async function empty(asterisk: Asterisk): Promise<boolean> {
  return (await asterisk.cli('core show channels count')).includes('0 active calls');
}
