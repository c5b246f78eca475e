/** A call that is up is recorded by hand, paused, gone on with and ended; a real Asterisk writes the file, which stands with the call. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { setUp } from '../../pages/doorstep';
import { Switchboard } from '../../pages/switchboard';
import { Starboard } from '../../stage/server';
import { awake, expect, test } from '../../stage/test';

test.setTimeout(120_000);

test('a call is recorded from its pane with a pause in between, and is heard afterwards', async ({ asterisk, visitor }) => {
  await asterisk.register('1001', '1002');
  const manager = { ...asterisk.manager, username: 'recorder' };
  const folder = `${asterisk.folder}/spool/monitor`;
  /** Bytes of what was recorded by hand. */
  const written = async (): Promise<number> => {
    const file = (await readdir(folder)).find((name) => name.startsWith('starboard-'));
    return file ? (await stat(join(folder, file))).size : 0;
  };
  const starboard = await Starboard.start({ name: 'Harbour', manager, recordings: folder });
  try {
    const page = await (await visitor({ baseURL: starboard.url })).newPage();
    await setUp(page, starboard.setupLink);
    const [caller, callee] = [await asterisk.speak('1001', 440), await asterisk.speak('1002', 620)];
    const board = await Switchboard.open(page);
    asterisk.phone('1002', 'answer', { pauseMs: 1_000 });
    asterisk.phone('1001', 'call-and-wait', { to: '91002' });
    const row = board.calls.getByRole('listitem').filter({ hasText: 'Talking' });
    await expect.poll(() => [caller.hears({ callee }), callee.hears({ caller })], { timeout: 30_000 }).toEqual([['callee'], ['caller']]);

    await row.getByRole('link').first().click();
    const pane = page.getByRole('complementary', { name: 'Call' });
    const press = (name: string) => pane.getByRole('button', { name, exact: true }).click();
    // the dialplan records it already; by hand that is ended, and begun anew
    await press('Stop recording');
    await press('Record');
    await expect(pane.getByRole('button', { name: 'Pause recording' })).toBeVisible();
    await expect(row.getByText('Recording', { exact: true })).toBeVisible();
    // two seconds of it
    await expect.poll(written).toBeGreaterThan(32_000);
    await press('Pause recording');
    await expect(row.getByText('Recording paused')).toBeVisible();
    await press('Resume recording');
    await expect(pane.getByRole('button', { name: 'Pause recording' })).toBeVisible();
    await expect.poll(written).toBeGreaterThan(64_000);
    await press('Stop recording');
    await expect(pane.getByRole('button', { name: 'Record', exact: true })).toBeVisible();
    await asterisk.hangUp('1002');

    const recording = page.getByRole('region', { name: /^Recording starboard-/ });
    const play = recording.getByRole('button', { name: 'Play' });
    await expect(async () => {
      await page.goto(`/calls/history?q=${encodeURIComponent('from:1001 recorded')}`);
      await page.getByRole('table').getByRole('link').first().click({ timeout: 1_000 });
      await expect(play).toBeVisible({ timeout: 2_000 });
    }).toPass({ timeout: 30_000 });
    await awake(page);
    await play.click();
    const place = recording.getByRole('slider');
    await expect.poll(async () => Number(await place.getAttribute('aria-valuenow'))).toBeGreaterThan(0);
    const troubled = await starboard.command('recordings', 'troubled');
    expect(troubled).toContain('Every recording is of a call and can be heard.');
    await page.goto('about:blank');
  } finally {
    await starboard.end();
  }
});

test('an account that may not record is told so by the PBX, and the call goes on', async ({ asterisk, visitor }) => {
  await asterisk.register('1003', '1004');
  const starboard = await Starboard.start({ name: 'Harbour', manager: asterisk.manager });
  try {
    const page = await (await visitor({ baseURL: starboard.url })).newPage();
    await setUp(page, starboard.setupLink);
    const board = await Switchboard.open(page);
    asterisk.phone('1004', 'answer', { pauseMs: 1_000 });
    asterisk.phone('1003', 'call-and-wait', { to: '1004' });
    const row = board.calls.getByRole('listitem').filter({ hasText: 'Talking' });
    await expect(row).toHaveCount(1, { timeout: 30_000 });
    await row.getByRole('link').first().click();
    await page.getByRole('complementary', { name: 'Call' }).getByRole('button', { name: 'Record', exact: true }).click();
    await expect(page.getByText(/the PBX refused: Permission denied/)).toBeVisible();
    await page.goto('about:blank');
    await asterisk.hangUp('1004');
  } finally {
    await starboard.end();
  }
});
