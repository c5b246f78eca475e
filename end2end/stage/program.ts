/** Programs that tests start: with their output kept, and ended by their own process id. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';

/** Environment without settings that this machine may have for a Starboard of its own. */
export function cleanEnvironment(more: Record<string, string>): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('STARBOARD_') || name === 'STARBOARD_ASTERISK');
  return { ...Object.fromEntries(kept), ...more };
}

export class Program {
  private text = '';
  private readonly watchers = new Set<() => void>();
  private constructor(
    private readonly child: ChildProcess,
    private readonly what: string,
    readonly ended: Promise<number>,
  ) {}

  static start(command: string, args: string[], log: string, env: Record<string, string> = {}): Program {
    const child = spawn(command, args, { env: cleanEnvironment(env), stdio: ['ignore', 'pipe', 'pipe'] });
    const ended = new Promise<number>((resolve) => {
      child.on('exit', (code) => resolve(code ?? -1));
      child.on('error', () => resolve(-1));
    });
    const program = new Program(child, [command, ...args].join(' '), ended);
    const file = createWriteStream(log, { flags: 'a' });
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (bytes: Buffer) => {
        file.write(bytes);
        program.text += bytes.toString();
        for (const look of program.watchers) look();
      });
    }
    void ended.then(() => {
      file.end();
      for (const look of program.watchers) look();
    });
    return program;
  }

  /** Everything it has printed so far. */
  get output(): string {
    return this.text;
  }

  /** Its process id. */
  get pid(): number {
    return this.child.pid ?? 0;
  }

  get running(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Waits until it has printed something that matches. */
  async printed(pattern: RegExp, withinMs = 20_000): Promise<RegExpMatchArray> {
    return new Promise((resolve, reject) => {
      const finish = (outcome: () => void) => {
        clearTimeout(timer);
        this.watchers.delete(look);
        outcome();
      };
      const complain = (why: string) => () => reject(new Error(`${this.what}: ${why}, wanted ${pattern}\n${this.text}`));
      const look = () => {
        const match = this.text.match(pattern);
        if (match) finish(() => resolve(match));
        else if (!this.running) finish(complain('ended'));
      };
      const timer = setTimeout(() => finish(complain(`silent for ${withinMs} ms`)), withinMs);
      this.watchers.add(look);
      look();
    });
  }

  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (this.running) this.child.kill(signal);
    await this.ended;
  }
}
