/** A call that is up is recorded by hand, paused, gone on with and ended; a real Asterisk writes the file, which stands with the call. */
import { setUp } from '../../pages/doorstep';
import { Starboard } from '../../stage/server';
import { expect, test } from '../../stage/test';

test.setTimeout(120_000);

test('a call is recorded from its pane with a pause in between, and is heard afterwards', async ({ asterisk, visitor }) => {
  await asterisk.register('1001', '1002');
  const manager = { ...asterisk.manager, username: 'recorder' };
  const starboard = await Starboard.start({ name: 'Harbour', manager, recordings: `${asterisk.folder}/spool/monitor` });
  try {
    const page = await (await visitor({ baseURL: starboard.url })).newPage();
    await setUp(page, starboard.setupLink);
    const [caller, callee] = [await asterisk.speak('1001', 440), await asterisk.speak('1002', 620)];
    asterisk.phone('1002', 'answer', { pauseMs: 1_000 });
    asterisk.phone('1001', 'call-and-wait', { to: '1002' });
    await expect.poll(() => [caller.hears({ callee }), callee.hears({ caller })]).toEqual([['callee'], ['caller']]);

    await page.goto('/');
    await page.getByRole('row').filter({ hasText: '1001' }).getByRole('link').first().click();
    const pane = page.getByRole('complementary').or(page.locator('.pane')).first();
    const press = (name: string) => pane.getByRole('button', { name, exact: true }).click();
    await press('Record');
    await expect(pane.getByRole('button', { name: 'Pause recording' })).toBeVisible();
    await expect(page.getByText('Recording', { exact: true }).first()).toBeVisible();
    await press('Pause recording');
    await expect(page.getByText('Recording paused', { exact: true }).first()).toBeVisible();
    await press('Resume recording');
    await expect(pane.getByRole('button', { name: 'Pause recording' })).toBeVisible();
    await press('Stop recording');
    await expect(pane.getByRole('button', { name: 'Record', exact: true })).toBeVisible();
    await asterisk.hangUp('1002');

    const recording = page.getByRole('region', { name: 'Recording' });
    const play = recording.getByRole('button', { name: 'Play' });
    await expect(async () => {
      await page.goto(`/calls/history?q=${encodeURIComponent('from:1001 recorded')}`);
      await page.getByRole('table').getByRole('link').first().click({ timeout: 1_000 });
      await expect(play).toBeVisible({ timeout: 1_000 });
    }).toPass({ timeout: 30_000 });
    await play.click();
    const place = recording.getByRole('slider');
    await expect.poll(async () => Number(await place.getAttribute('aria-valuenow'))).toBeGreaterThan(0);
    const troubled = await starboard.command('recordings', 'troubled');
    expect(troubled).toContain('Every recording is of a call and can be heard.');
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
    asterisk.phone('1004', 'answer', { pauseMs: 1_000 });
    asterisk.phone('1003', 'call-and-wait', { to: '1004' });
    await page.goto('/');
    await page.getByRole('row').filter({ hasText: '1003' }).getByRole('link').first().click();
    await page.locator('.pane').first().getByRole('button', { name: 'Record', exact: true }).click();
    await expect(page.getByText(/the PBX refused: Permission denied/)).toBeVisible();
    await asterisk.hangUp('1004');
  } finally {
    await starboard.end();
  }
});
