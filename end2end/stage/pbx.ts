/** The PBX of a project: the built-in simulator, or a private real Asterisk with SIPp phones. */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { expect } from '@playwright/test';

import { binary, repository } from './places';
import { Program } from './program';
import { Voice } from './voice';

const execute = promisify(execFile);
const kit = join(repository, 'end2end/asterisk/pbx');

/** How to reach the manager interface of a PBX. */
export interface Manager {
  host: string;
  port: number;
  username: string;
  secret: string;
}

/** A PBX that runs for one worker. */
export interface Pbx {
  manager: Manager;
  end(): Promise<void>;
}

/** A simulated PBX on which only scripts make anything happen. */
export interface Scripted extends Pbx {
  /** Does one line, and gives what it was answered. */
  say(line: string): Promise<string>;
}

/** A company whose people do what they are told, a line each (see `crates/pbx-simulator/src/verb.rs`). */
export async function startScripted(): Promise<Scripted> {
  const folder = await mkdtemp(join(tmpdir(), 'starboard-'));
  const secret = randomBytes(12).toString('hex');
  const args = ['simulator', '--listen', '127.0.0.1:0', '--control', '127.0.0.1:0', '--scripted'];
  const program = Program.start(binary, args, join(folder, 'simulator.log'), { STARBOARD_SIMULATOR_SECRET: secret });
  const [, port] = await program.printed(/AMI on 127\.0\.0\.1:([1-9]\d*)/);
  const [, control] = await program.printed(/scripts on 127\.0\.0\.1:([1-9]\d*)/);
  return {
    manager: { host: '127.0.0.1', port: Number(port), username: 'starboard', secret },
    say: (line) => ask(Number(control), line),
    async end() {
      await program.end();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Sends a line and reads the line that answers it. */
function ask(port: number, line: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(`${line}\n`));
    let heard = '';
    socket.on('data', (bytes) => {
      heard += bytes.toString();
      if (heard.includes('\n')) {
        socket.end();
        resolve(heard.trim());
      }
    });
    socket.on('error', reject);
  });
}

/** The simulator's day, or what `options` make of it. */
export async function startSimulator(...options: string[]): Promise<Pbx> {
  const folder = await mkdtemp(join(tmpdir(), 'starboard-'));
  const secret = randomBytes(12).toString('hex');
  const args = ['simulator', '--listen', '127.0.0.1:0', ...options];
  const program = Program.start(binary, args, join(folder, 'simulator.log'), { STARBOARD_SIMULATOR_SECRET: secret });
  const [, port] = await program.printed(/127\.0\.0\.1:([1-9]\d*)/);
  return {
    manager: { host: '127.0.0.1', port: Number(port), username: 'starboard', secret },
    async end() {
      await program.end();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** What a phone of the real PBX is told to do; the names are those of `asterisk/scenarios`. */
export interface Orders {
  /** Whom to call. */
  to?: string;
  /** The length of every pause of the scenario. */
  pauseMs?: number;
  referTo?: string;
  caller?: string;
  shown?: string;
  /** How many calls it takes, or makes, before it ends. */
  calls?: number;
  /** How many it makes a second. */
  perS?: number;
  /** It ends after so long in any case. */
  forS?: number;
}

/** The scenarios of a phone that is called; those of the others call. */
const called = /^(answer|ring|busy)/;

export class Asterisk implements Pbx {
  private readonly phones = new Set<Program>();
  private nextPort = 7000;
  /** Phones that are to be heard, by the port of their sound. */
  private readonly voices = new Map<string, { voice: Voice; port: number }>();
  /** Where the calls of a registered phone arrive. */
  private readonly doors = new Map<string, number>();
  private constructor(
    readonly folder: string,
    readonly manager: Manager,
  ) {}

  static async start(): Promise<Asterisk> {
    const folder = await mkdtemp(join(tmpdir(), 'starboard-pbx-'));
    await execute(kit, ['start', folder]);
    const { stdout } = await execute(kit, ['env', folder]);
    const settings = Object.fromEntries(stdout.trim().split('\n').map((line) => line.split('=', 2)));
    return new Asterisk(folder, {
      host: settings.AMI_HOST,
      port: Number(settings.AMI_PORT),
      username: settings.AMI_USER,
      secret: settings.AMI_SECRET,
    });
  }

  /**
   * Registers phones, each at a port that nobody had before. Asterisk repeats the BYE of a call whose phone is gone
   * for half a minute; a new phone at the old port would take it for its own call and be done.
   */
  async register(...phones: string[]): Promise<void> {
    for (const phone of phones) {
      const door = this.freshPort();
      await execute(kit, ['register', this.folder, phone, String(door)]);
      this.doors.set(phone, door);
    }
  }

  /** Nobody can be reached at the phones of this test any more. */
  private async unregister(): Promise<void> {
    for (const [phone, door] of this.doors) {
      await execute(kit, ['register', this.folder, phone, String(door)], { env: { ...process.env, EXPIRES: '0' } });
    }
    this.doors.clear();
  }

  /** From now on a phone says a tone in its calls, and it is known what it hears. */
  async speak(phone: string, hertz: number): Promise<Voice> {
    const port = 2 * this.freshPort();
    const address = this.manager.host.replace(/\d+$/, String(phone === 'provider' ? 9 : Number(phone) - 900));
    const voice = await Voice.at(address, port, hertz);
    this.voices.set(phone, { voice, port });
    return voice;
  }

  private freshPort(): number {
    this.nextPort += 1;
    return this.nextPort;
  }

  /** Starts one scenario as `phone`; it ends by itself after one call. */
  phone(phone: string, scenario: string, orders: Orders = {}): Program {
    const door = phone === 'provider' ? 5060 : this.doors.get(phone);
    const port = called.test(scenario) ? door : this.freshPort();
    if (!port) throw new Error(`phone ${phone} cannot ${scenario}: it is not registered`);
    const options = ['-m', String(orders.calls ?? 1), '-timeout', String(orders.forS ?? 90), '-d', String(orders.pauseMs ?? 500)];
    if (orders.perS) options.push('-r', String(Math.round(orders.perS * 1000)), '-rp', '1000000');
    if (orders.to) options.push('-s', orders.to);
    const env: Record<string, string> = {};
    if (orders.referTo) env.REFER_TO = orders.referTo;
    if (orders.caller) env.CALLER = orders.caller;
    if (orders.shown) env.SHOWN = orders.shown;
    const soundPort = this.voices.get(phone)?.port;
    if (soundPort) env.AUDIO_PORT = String(soundPort);
    const args = ['sipp', this.folder, scenario, phone, String(port), ...options];
    const program = Program.start(kit, args, join(this.folder, 'sipp', `${scenario}-${phone}.log`), env);
    this.phones.add(program);
    return program;
  }

  /** What Asterisk itself says. */
  async cli(command: string): Promise<string> {
    return (await execute(kit, ['cli', this.folder, command])).stdout;
  }

  /** A phone puts its handset down. */
  async hangUp(phone: string): Promise<void> {
    const channels = (await this.cli('core show channels concise')).split('\n').map((line) => line.split('!')[0]);
    for (const channel of channels.filter((name) => name.startsWith(`PJSIP/${phone}-`))) {
      await this.cli(`channel request hangup ${channel}`);
    }
  }

  /** What Asterisk and its phones wrote, by file name: for a test that failed. */
  async records(): Promise<Map<string, string>> {
    const phones = (await readdir(join(this.folder, 'sipp'))).map((name) => join('sipp', name));
    const texts = [join('log', 'full'), ...phones].map(
      async (name): Promise<[string, string]> => [name, await readFile(join(this.folder, name), 'utf8')],
    );
    return new Map((await Promise.all(texts)).filter(([, text]) => text));
  }

  async stop(): Promise<void> {
    await execute(kit, ['stop', this.folder]);
  }

  async startAgain(): Promise<void> {
    await execute(kit, ['start', this.folder]);
  }

  /** Ends every phone and whatever call is left. */
  async silence(): Promise<void> {
    await this.cli('channel request hangup all').catch(() => '');
    // a phone that is gone answers no goodbye: the next one at its place would be sent it again and again
    const idle = () => this.cli('core show channels count').then((told) => told.includes('0 active channels'), () => true);
    await expect.poll(idle, { timeout: 5_000, intervals: [50] }).toBe(true).catch(() => undefined);
    for (const phone of this.phones) await phone.end('SIGKILL');
    this.phones.clear();
    for (const { voice } of this.voices.values()) voice.end();
    this.voices.clear();
  }

  /** Silence, nobody at a phone, and who serves queues is who always does: as the next test wants to begin. */
  async clear(): Promise<void> {
    await this.silence();
    await this.unregister().catch(() => undefined);
    await this.queuesAsConfigured().catch(() => undefined);
  }

  /** Pauses end, and whoever was added to a queue leaves it. */
  private async queuesAsConfigured(): Promise<void> {
    let queue = '';
    for (const line of (await this.cli('queue show')).split('\n')) {
      queue = /^(\S+) has \d+ calls/.exec(line)?.[1] ?? queue;
      const member = /^ {6}.*?((?:PJSIP|Local)\/[^\s)]+)/.exec(line)?.[1];
      if (!member || / \(wait: /.test(line)) continue;
      if (line.includes('(dynamic)')) await this.cli(`queue remove member ${member} from ${queue}`);
      else if (line.includes('(paused')) await this.cli(`queue unpause member ${member} queue ${queue}`);
    }
  }

  async end(): Promise<void> {
    await this.silence();
    await this.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}
