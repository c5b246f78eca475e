/** A real mail server of a test's own, on loopback: what it takes are files. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';

import { repository } from './places';
import { Program } from './program';
import { freePort } from './provider';

const python = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'starboard/aiosmtpd/bin/python');

export class MailServer {
  private constructor(
    private readonly program: Program,
    private readonly folder: string,
    readonly port: number,
  ) {}

  static async start(): Promise<MailServer> {
    const folder = await mkdtemp(join(tmpdir(), 'starboard-mail-'));
    const port = await freePort();
    const program = Program.start(python, [join(repository, 'end2end/mail/server.py'), String(port), folder], join(folder, 'log'));
    await program.printed(/listening/);
    return new MailServer(program, folder, port);
  }

  /** What it has taken, in order. */
  async mails(): Promise<string[]> {
    const names = (await readdir(this.folder)).filter((name) => name.endsWith('.eml')).sort();
    return Promise.all(names.map((name) => readFile(join(this.folder, name), 'utf8')));
  }

  async end(): Promise<void> {
    await this.program.end();
    await rm(this.folder, { recursive: true, force: true });
  }
}
