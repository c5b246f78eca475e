/** One's own security, and what there is beside a password. */
import { createHmac } from 'node:crypto';

import { type CDPSession, expect, type Page } from '@playwright/test';

/** The code that an authenticator app shows at a moment (RFC 6238: SHA-1, six digits, 30 seconds). */
export function code(secret: string, atMs: number): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...secret.replaceAll(' ', '')].map((letter) => letters.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g)!.map((byte) => Number.parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(atMs / 30_000)));
  const digest = createHmac('sha1', key).update(step).digest();
  const offset = digest.at(-1)! & 15;
  return ((digest.readUInt32BE(offset) & 0x7fff_ffff) % 1_000_000).toString().padStart(6, '0');
}

/** Fills in the code of now, with some seconds left to send it; `after` is the step of a code that was used already. */
export async function typeCode(page: Page, label: string, secret: string, after = 0): Promise<number> {
  let step = 0;
  await expect(() => {
    const now = Date.now();
    step = Math.floor(now / 30_000);
    expect(step, 'the next code is shown').toBeGreaterThan(after);
    expect(30_000 - (now % 30_000), 'there is time to type it').toBeGreaterThan(4_000);
  }).toPass({ timeout: 45_000 });
  await page.getByLabel(label).fill(code(secret, step * 30_000));
  return step;
}

/** A device that holds passkeys and knows its owner's finger. */
export class Device {
  private constructor(
    private readonly session: CDPSession,
    private readonly id: string,
  ) {}

  static async at(page: Page): Promise<Device> {
    const session = await page.context().newCDPSession(page);
    await session.send('WebAuthn.enable');
    const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
    return new Device(session, authenticatorId);
  }

  /** The finger is its owner's, or somebody else's. */
  async finger(known: boolean): Promise<void> {
    await this.session.send('WebAuthn.setUserVerified', { authenticatorId: this.id, isUserVerified: known });
  }

  /** Passkeys that it holds. */
  async count(): Promise<number> {
    const { credentials } = await this.session.send('WebAuthn.getCredentials', { authenticatorId: this.id });
    return credentials.length;
  }
}

/** Leaves the recovery codes behind as a person would; gives them. */
export async function keepCodes(page: Page): Promise<string[]> {
  const list = page.getByRole('list', { name: 'Your recovery codes' });
  await expect(list.getByRole('listitem')).toHaveCount(10);
  const codes = await list.getByRole('listitem').allInnerTexts();
  await page.getByRole('button', { name: 'I have kept them' }).click();
  await expect(page.getByRole('heading', { name: 'Second factor' })).toBeVisible();
  return codes;
}
