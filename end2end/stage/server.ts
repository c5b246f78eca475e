/** A Starboard of a test's own: an empty folder, a free port, the first administrator made by hand. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { binary, repository } from './places';
import type { Manager } from './pbx';
import { Program } from './program';

export class Starboard {
  private constructor(
    private program: Program,
    private readonly folder: string,
    readonly url: string,
    /** The one-time link that it printed. */
    readonly setupLink: string,
  ) {}

  /** Starts it with one connection, or with none. */
  static async start(pbx?: { name: string; manager: Manager }): Promise<Starboard> {
    const folder = await mkdtemp(join(tmpdir(), 'starboard-'));
    const settings = [
      'listen = "127.0.0.1:0"',
      `database = "${folder}/starboard.db"`,
      `site_root = "${repository}/target/site"`,
    ];
    if (pbx) {
      const { host, port, username, secret } = pbx.manager;
      settings.push('[[pbx]]', `name = "${pbx.name}"`, `host = "${host}"`, `port = ${port}`);
      settings.push(`username = "${username}"`, `secret = "${secret}"`, 'context = "from-internal"');
    }
    await writeFile(join(folder, 'config.toml'), `${settings.join('\n')}\n`, { mode: 0o600 });
    const program = Starboard.run(folder);
    const [setupLink] = await program.printed(/http:\/\/\S+\/setup\?\S+/);
    return new Starboard(program, folder, new URL(setupLink).origin, setupLink);
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
