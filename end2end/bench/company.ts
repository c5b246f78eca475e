/** The simulated company of a measurement: its calls are told one by one, so that what is true is known. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Manager } from '../stage/pbx';
import { binary } from '../stage/places';
import { Program } from '../stage/program';

const firstPhone = 1001;
const phones = 40;
/** A phone that rings is picked up after so long. */
const answerMs = 800;

/** The script port: one line, one answer, in order. */
class Script {
  private readonly waiting: ((answer: string) => void)[] = [];
  private rest = '';
  private constructor(private readonly socket: Socket) {
    socket.setNoDelay(true);
    socket.on('data', (bytes: Buffer) => {
      const lines = (this.rest + bytes.toString()).split('\n');
      this.rest = lines.pop() ?? '';
      for (const line of lines) this.waiting.shift()?.(line);
    });
  }

  static async to(port: number): Promise<Script> {
    const socket = connect({ host: '127.0.0.1', port });
    await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    return new Script(socket);
  }

  async tell(line: string): Promise<string> {
    return new Promise((resolve) => {
      this.waiting.push(resolve);
      this.socket.write(`${line}\n`);
    });
  }

  close() {
    this.socket.destroy();
  }
}

/** Counts the events of an AMI session, as any second client of the PBX would get them. */
class Counter {
  events = 0;
  private tail = '';
  private constructor(private readonly socket: Socket) {}

  static async to({ port, username, secret }: Manager): Promise<Counter> {
    const socket = connect({ host: '127.0.0.1', port });
    const counter = new Counter(socket);
    socket.on('data', (bytes: Buffer) => counter.count(bytes.toString('latin1')));
    await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    socket.write(`Action: Login\r\nUsername: ${username}\r\nSecret: ${secret}\r\n\r\n`);
    return counter;
  }

  private count(text: string) {
    const all = this.tail + text;
    for (let at = all.indexOf('\nEvent: '); at >= 0; at = all.indexOf('\nEvent: ', at + 8)) this.events += 1;
    this.tail = all.slice(-7);
  }

  close() {
    this.socket.destroy();
  }
}

export class Company {
  /** Calls that were begun and not yet ended by us. */
  private readonly up = new Set<string>();
  private readonly timers = new Set<NodeJS.Timeout>();
  private next = 0;
  private feeding: NodeJS.Timeout | undefined;
  begun = 0;
  refused = 0;

  private constructor(
    private readonly program: Program,
    private readonly folder: string,
    readonly manager: Manager,
    private readonly script: Script,
    private readonly counter: Counter | undefined,
  ) {}

  /** `counted`: a second AMI session counts what the PBX says. */
  static async open({ counted }: { counted: boolean }): Promise<Company> {
    const folder = await mkdtemp(join(tmpdir(), 'starboard-'));
    const secret = randomBytes(12).toString('hex');
    const args = ['simulator', '--scripted', '--listen', '127.0.0.1:0', '--control', '127.0.0.1:0'];
    const program = Program.start(binary, args, join(folder, 'simulator.log'), { STARBOARD_SIMULATOR_SECRET: secret });
    const [, ami] = await program.printed(/AMI on 127\.0\.0\.1:(\d+)/);
    const [, control] = await program.printed(/scripts on 127\.0\.0\.1:(\d+)/);
    const manager = { host: '127.0.0.1', port: Number(ami), username: 'starboard', secret };
    const script = await Script.to(Number(control));
    const company = new Company(program, folder, manager, script, counted ? await Counter.to(manager) : undefined);
    for (let phone = firstPhone; phone < firstPhone + phones; phone += 1) await script.tell(`auto ${phone} ${answerMs}`);
    return company;
  }

  /** New calls each second, each ended by its caller `talkS` after it was answered. */
  load(callsPerS: number, talkS: number) {
    const began = performance.now();
    let told = 0;
    this.feeding = setInterval(() => {
      const due = Math.floor(((performance.now() - began) / 1000) * callsPerS);
      for (; told < due; told += 1) void this.call(answerMs + talkS * 1000);
    }, 5);
  }

  private async call(lengthMs: number) {
    const number = `0309${String(this.next).padStart(6, '0')}`;
    const phone = firstPhone + (this.next % phones);
    this.next += 1;
    const answer = await this.script.tell(`inbound ${number} ${phone} Caller ${this.next}`);
    if (!answer.startsWith('ok')) {
      this.refused += 1;
      return;
    }
    this.begun += 1;
    this.up.add(number);
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      this.up.delete(number);
      void this.script.tell(`hangup ${number}`);
    }, lengthMs);
    this.timers.add(timer);
  }

  /** One call with a name to look for; the time at which it was told, just before the PBX hears of it. */
  async probe(name: string, number: string, phone: number): Promise<number> {
    const at = Date.now();
    const answer = await this.script.tell(`inbound ${number} ${phone} ${name}`);
    if (!answer.startsWith('ok')) throw new Error(`${name}: ${answer}`);
    return at;
  }

  async tell(line: string): Promise<string> {
    return this.script.tell(line);
  }

  /** Events so far. */
  get events(): number {
    return this.counter?.events ?? 0;
  }

  /** No new calls; those that are up go on to their end. */
  async calm(): Promise<string> {
    clearInterval(this.feeding);
    while (this.timers.size > 0) await new Promise((resolve) => setTimeout(resolve, 50));
    return this.script.tell('state');
  }

  async close(): Promise<void> {
    clearInterval(this.feeding);
    for (const timer of this.timers) clearTimeout(timer);
    this.counter?.close();
    this.script.close();
    await this.program.end();
    await rm(this.folder, { recursive: true, force: true });
  }
}
