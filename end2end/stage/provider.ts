/** A real OpenID Connect provider (`provider/provider.mjs`), for one test. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';

import { repository } from './places';

export interface Account {
  name?: string;
  groups: string[];
}

/** A port of loopback that nobody has. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

export class Provider {
  private constructor(private readonly child: ChildProcess) {}

  /** Starts it; it sends people back to this Starboard alone. */
  static async start(port: number, starboard: string, accounts: Record<string, Account>): Promise<Provider> {
    const program = join(repository, 'end2end/provider/provider.mjs');
    const child = spawn('node', [program, String(port), `${starboard}/oidc/callback`, JSON.stringify(accounts)], {
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    await once(child.stdout, 'data');
    return new Provider(child);
  }

  async end(): Promise<void> {
    this.child.stdin?.end();
    if (this.child.exitCode === null) await once(this.child, 'exit');
  }
}
