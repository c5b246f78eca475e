/** No change is missed across a drop: one replica is cut again and again, another never, and both agree. */
import { expect } from '@playwright/test';

import { Starboard } from '../stage/server';
import { Company } from './company';
import { test } from './ending';
import { say } from './measure';
import { live, signIn } from './visitor';

const callsPerS = 20;
const talkS = 8;
const measureS = 30;

interface Outcome {
  compared: number;
  different: number;
  holes: number;
  drops: number;
  changes: number;
}

test('nothing is missed across drops', async ({ browser, ending }) => {
  const company = ending(await Company.open({ counted: false }));
  const starboard = ending(await Starboard.start({ name: 'Harbour', manager: company.manager }));
  const context = ending(await signIn(browser, starboard));
  await live(context);
  company.load(callsPerS, talkS);
  const page = await context.newPage();
  await page.goto('/healthz');
  const outcome: Outcome = await page.evaluate(async (forS) => {
    type Board = Map<string, string>;
    const result = { compared: 0, different: 0, holes: 0, drops: 0, changes: 0 };
    const keys: Record<string, string[]> = {
      Call: ['id'],
      Extension: ['number'],
      Queue: ['name'],
      Trunk: ['name'],
      Parked: ['lot', 'space'],
      Conference: ['room'],
    };
    const entry = (tagged: Record<string, any>): [string, string] => {
      const [[kind, row]] = Object.entries(tagged);
      return [[kind, ...keys[kind].map((key) => row[key])].join('/'), JSON.stringify(row)];
    };
    const text = (board: Board) => [...board].sort().join('\n');
    class Replica {
      sequence = -1;
      board: Board = new Map();
      socket: WebSocket | undefined;
      /** Recent states by sequence, for the comparison. */
      readonly history = new Map<number, string>();
      open() {
        const socket = new WebSocket(`${location.origin.replace('http', 'ws')}/live?format=json`);
        this.socket = socket;
        socket.onmessage = ({ data }) => {
          if (this.socket === socket) this.take(JSON.parse(data));
        };
      }
      take(frame: any) {
        if (frame.Snapshot) {
          this.sequence = frame.Snapshot.sequence;
          this.board = new Map(frame.Snapshot.pbxs[0].board.map(entry));
        } else if (frame.Changes) {
          const { after, upto, changes } = frame.Changes;
          if (after > this.sequence) result.holes += 1;
          this.sequence = upto;
          result.changes += changes.length;
          for (const { Row } of changes) {
            if (Row?.change.Upsert) {
              this.board.set(...entry(Row.change.Upsert));
            } else if (Row?.change.Remove) {
              const [[kind, key]] = Object.entries<any>(Row.change.Remove);
              this.board.delete([kind, key].flat().join('/'));
            }
          }
        } else return;
        this.history.set(this.sequence, text(this.board));
        if (this.history.size > 400) this.history.delete(this.history.keys().next().value as number);
      }
    }
    const whole = new Replica();
    const cut = new Replica();
    whole.open();
    cut.open();
    const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
    const until = performance.now() + forS * 1000;
    while (performance.now() < until) {
      await pause(1500);
      cut.socket?.close();
      cut.socket = undefined;
      result.drops += 1;
      await pause(result.drops % 2 ? 50 : 1000);
      cut.history.clear();
      cut.open();
      await pause(1000);
      for (const [sequence, board] of cut.history) {
        const other = whole.history.get(sequence);
        if (other === undefined) continue;
        result.compared += 1;
        if (other !== board) result.different += 1;
      }
    }
    return result;
  }, measureS);

  say('drops and reconnects', `${outcome.drops}, ${outcome.changes} changes folded`, '-');
  say('holes in the ranges', `${outcome.holes}`, '0');
  say('boards that differ', `${outcome.different} of ${outcome.compared} compared`, '0');
  expect(outcome.compared).toBeGreaterThan(50);
  expect([outcome.holes, outcome.different]).toEqual([0, 0]);
});
