/** The voice and the ear of a phone: a tone of its own that it says without end, and what it hears, by tone. */
import { createSocket, type Socket } from 'node:dgram';

const rate = 8_000;
const samplesAPacket = 160;
const packetMs = 20;
/** What is heard is judged by so much of the latest sound. */
const judgedMs = 500;
/** Of a tone's amplitude of 8000, what remains of another tone beside it is far less. */
const loud = 1_000;

export class Voice {
  private heard: { at: number; payload: Buffer }[] = [];
  private to?: { address: string; port: number };
  private sent = 0;
  private readonly ticking: NodeJS.Timeout;

  private constructor(
    private readonly socket: Socket,
    readonly hertz: number,
  ) {
    // it answers whoever speaks to it: the PBX says nothing of its own ports but in SDP
    socket.on('message', (packet, from) => {
      this.to = { address: from.address, port: from.port };
      const now = Date.now();
      this.heard.push({ at: now, payload: packet.subarray(12) });
      while (this.heard.length && now - this.heard[0].at > judgedMs) this.heard.shift();
    });
    this.ticking = setInterval(() => this.say(), packetMs);
  }

  static async at(address: string, port: number, hertz: number): Promise<Voice> {
    const socket = createSocket('udp4');
    await new Promise<void>((done, failed) => {
      socket.once('error', failed);
      socket.bind(port, address, done);
    });
    return new Voice(socket, hertz);
  }

  private say(): void {
    if (!this.to) return;
    const packet = Buffer.alloc(12 + samplesAPacket);
    packet[0] = 0x80;
    packet.writeUInt16BE((this.sent / samplesAPacket) & 0xffff, 2);
    packet.writeUInt32BE(this.sent >>> 0, 4);
    packet.writeUInt32BE(this.hertz, 8);
    for (let at = 0; at < samplesAPacket; at += 1) {
      packet[12 + at] = toLaw(8_000 * Math.sin((2 * Math.PI * this.hertz * (this.sent + at)) / rate));
    }
    this.sent += samplesAPacket;
    this.socket.send(packet, this.to.port, this.to.address);
  }

  /** The tones it hears now, of those that these say; by name, in order. */
  hears(others: Record<string, Voice>): string[] {
    const now = Date.now();
    const latest = this.heard.filter(({ at }) => now - at <= judgedMs).map(({ payload }) => payload);
    const sound = Array.from(Buffer.concat(latest), fromLaw);
    const heard = Object.entries(others).filter(([, other]) => other !== this && strength(sound, other.hertz) > loud);
    return heard.map(([name]) => name).sort();
  }

  end(): void {
    clearInterval(this.ticking);
    this.socket.close();
  }
}

/** How much of a tone is in a sound. */
function strength(sound: number[], hertz: number): number {
  if (sound.length < samplesAPacket) return 0;
  let [cosine, sine] = [0, 0];
  sound.forEach((sample, at) => {
    cosine += sample * Math.cos((2 * Math.PI * hertz * at) / rate);
    sine += sample * Math.sin((2 * Math.PI * hertz * at) / rate);
  });
  return Math.hypot(cosine, sine) / sound.length;
}

/** G.711, mu-law. */
function toLaw(sample: number): number {
  const sign = sample < 0 ? 0x80 : 0;
  const size = Math.min(Math.abs(Math.round(sample)), 32_635) + 0x84;
  const exponent = Math.max(0, 31 - Math.clz32(size) - 7);
  return ~(sign | (exponent << 4) | ((size >> (exponent + 3)) & 0x0f)) & 0xff;
}

function fromLaw(byte: number): number {
  const bits = ~byte & 0xff;
  const size = (((bits & 0x0f) << 3) + 0x84) << ((bits >> 4) & 0x07);
  return bits & 0x80 ? 0x84 - size : size - 0x84;
}
