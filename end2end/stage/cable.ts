/** A cable between Starboard and a PBX that a test can cut and join: a TCP relay on loopback. */
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

export class Cable {
  private readonly ends = new Set<Socket>();
  private whole = true;
  private constructor(
    private readonly server: Server,
    readonly port: number,
  ) {}

  static async to(host: string, port: number): Promise<Cable> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const cable = new Cable(server, (server.address() as AddressInfo).port);
    server.on('connection', (near) => cable.link(near, connect({ host, port })));
    return cable;
  }

  private link(near: Socket, far: Socket) {
    if (!this.whole) {
      near.destroy();
      far.destroy();
      return;
    }
    for (const [end, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.ends.add(end);
      end.on('error', () => other.destroy());
      end.on('close', () => {
        this.ends.delete(end);
        other.destroy();
      });
      end.pipe(other);
    }
  }

  /** Breaks every connection in the middle of whatever it carries, and refuses new ones. */
  cut() {
    this.whole = false;
    for (const end of this.ends) end.resetAndDestroy();
  }

  join() {
    this.whole = true;
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }
}
