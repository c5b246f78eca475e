/** Sound files as Asterisk writes them. */
import { mkdir, utimes, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

const rate = 8_000;

/** Who speaks when: for each channel, from and to in seconds. */
export type Spoken = [from: number, to: number][][];

/** A WAV file of so many seconds in which each channel speaks at its times. */
export function wav(seconds: number, spoken: Spoken): Buffer {
  const channels = spoken.length;
  const file = Buffer.alloc(44 + seconds * rate * channels * 2);
  file.write('RIFF', 0);
  file.writeUInt32LE(file.length - 8, 4);
  file.write('WAVEfmt ', 8);
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(1, 20);
  file.writeUInt16LE(channels, 22);
  file.writeUInt32LE(rate, 24);
  file.writeUInt32LE(rate * channels * 2, 28);
  file.writeUInt16LE(channels * 2, 32);
  file.writeUInt16LE(16, 34);
  file.write('data', 36);
  file.writeUInt32LE(file.length - 44, 40);
  for (let at = 0; at < seconds * rate; at += 1) {
    const now = at / rate;
    for (const [channel, times] of spoken.entries()) {
      const speaks = times.some(([from, to]) => from <= now && now < to);
      // words are loud in their middle
      const word = Math.abs(Math.sin(now * 5.1 + channel)) * Math.abs(Math.sin(now * 1.7));
      const sample = speaks ? 14_000 * word * Math.sin(2 * Math.PI * (300 + 200 * channel) * now) : 0;
      file.writeInt16LE(Math.round(sample), 44 + (at * channels + channel) * 2);
    }
  }
  return file;
}

/** Puts a file there as if it had been written a while ago. */
export async function put(path: string, bytes: Buffer, agoMs = 120_000): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, bytes);
  const then = new Date(Date.now() - agoMs);
  await utimes(path, then, then);
}
