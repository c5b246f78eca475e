/** A Starboard of a test's own: an empty folder, a free port, the first administrator made by hand. */
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { binary, repository } from './places';
import type { Manager } from './pbx';
import { cleanEnvironment, Program } from './program';

const execute = promisify(execFile);

/** The PBX that it is told of. */
interface Connection {
  name: string;
  manager: Manager;
  /** Where the PBX writes its log of queues. */
  queueLog?: string;
  /** Where it writes recordings. */
  recordings?: string;
}

const builtSite = join(repository, 'target/site');

async function configure(folder: string, listen: string, site: string, pbx?: Connection, more: string[] = [], database = `${folder}/starboard.db`): Promise<void> {
  const settings = [`listen = "${listen}"`, `database = "${database}"`, `site_root = "${site}"`, ...more];
  if (pbx) {
    const { host, port, username, secret } = pbx.manager;
    settings.push('[[pbx]]', `name = "${pbx.name}"`, `host = "${host}"`, `port = ${port}`);
    settings.push(`username = "${username}"`, `secret = "${secret}"`, 'context = "from-internal"');
    if (pbx.queueLog) settings.push(`queue_log = "${pbx.queueLog}"`);
    if (pbx.recordings) settings.push(`recordings = "${pbx.recordings}"`);
  }
  await writeFile(join(folder, 'config.toml'), `${settings.join('\n')}\n`, { mode: 0o600 });
}

export class Starboard {
  private site = builtSite;

  private constructor(
    private program: Program,
    private readonly folder: string,
    readonly url: string,
    /** The one-time link that it printed. */
    readonly setupLink: string,
    private readonly pbx?: Connection,
  ) {}

  /** Starts it with one connection, or with none; `more` are lines of its configuration, `database` is one that is there already. */
  static async start(pbx?: Connection, more: string[] = [], database?: string): Promise<Starboard> {
    const folder = await mkdtemp(join(tmpdir(), 'starboard-'));
    await configure(folder, '127.0.0.1:0', builtSite, pbx, more, database);
    const program = Starboard.run(folder);
    const [setupLink] = await program.printed(/http:\/\/\S+\/setup\?\S+/);
    return new Starboard(program, folder, new URL(setupLink).origin, setupLink, pbx);
  }

  /** Ends it; what it knows stays for [`startAgain`]. */
  async stop(): Promise<void> {
    await this.program.end();
  }

  /** Ends it in the middle of whatever it does. */
  async kill(): Promise<void> {
    await this.program.end('SIGKILL');
  }

  /** What it knows. */
  get database(): string {
    return join(this.folder, 'starboard.db');
  }

  /** Runs one command of the program beside it. */
  async command(...args: string[]): Promise<string> {
    const { stdout } = await execute(binary, [...args, '--config', join(this.folder, 'config.toml')], { env: cleanEnvironment({}) });
    return stdout;
  }

  /** Starts it again at the same address. */
  async startAgain(): Promise<void> {
    await configure(this.folder, new URL(this.url).host, this.site, this.pbx);
    this.program = Starboard.run(this.folder);
    await this.program.printed(/listening/i);
  }

  /** The id of the build that it serves. */
  async build(): Promise<string> {
    return (await readFile(join(this.site, 'build_id.txt'), 'utf8')).trim();
  }

  /** From the next start on it serves the same pages under another build id, which is returned. */
  async newBuild(): Promise<string> {
    const before = await this.build();
    const after = [...before].reverse().join('');
    this.site = join(this.folder, 'site');
    await cp(builtSite, this.site, { recursive: true });
    await writeFile(join(this.site, 'build_id.txt'), `${after}\n`);
    const worker = join(this.site, 'sw.js');
    await writeFile(worker, (await readFile(worker, 'utf8')).replaceAll(before, after));
    for (const twin of ['.br', '.gz']) await rm(worker + twin, { force: true });
    return after;
  }

  private static run(folder: string): Program {
    return Program.start(binary, ['serve'], join(folder, 'server.log'), {
      STARBOARD_CONFIG: join(folder, 'config.toml'),
    });
  }

  /** Everything it has printed, for a test that wants to know why. */
  get output(): string {
    return this.program.output;
  }

  /** Its process id. */
  get pid(): number {
    return this.program.pid;
  }

  async end(): Promise<void> {
    await this.program.end();
    await rm(this.folder, { recursive: true, force: true });
  }
}
