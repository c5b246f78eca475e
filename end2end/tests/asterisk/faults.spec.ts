/** What breaks is shown as broken, and heals by itself. */
import { Switchboard } from '../../pages/switchboard';
import { expect, test } from '../../stage/test';

test.setTimeout(120_000);

test('a cut link dims the board with its age, and the call that ended meanwhile is gone when it is back', async ({
  page,
  asterisk,
  cable,
}) => {
  await asterisk.register('1001', '1002');
  const board = await Switchboard.open(page);
  asterisk.phone('1002', 'answer', { pauseMs: 300 });
  asterisk.phone('1001', 'call-and-wait', { to: '1002' });
  await expect(board.call('Ada Lindqvist')).toContainText('Talking');

  cable.cut();
  await expect(board.lamp).toHaveAttribute('data-lamp', 'offline', { timeout: 15_000 });
  await expect(board.lamp).toContainText(/offline · \d+ s old/);
  await expect(board.call('Ada Lindqvist'), 'the row stays and is marked as old').toHaveClass(/\bold\b/);

  await asterisk.cli('channel request hangup all');
  cable.join();
  await expect(board.lamp).toHaveAttribute('data-lamp', 'live', { timeout: 40_000 });
  await expect(board.call('Ada Lindqvist')).toHaveCount(0);
});

test('a call that began while the link was cut is discovered', async ({ page, asterisk, cable }) => {
  await asterisk.register('1001', '1002');
  const board = await Switchboard.open(page);
  cable.cut();
  await expect(board.lamp).toHaveAttribute('data-lamp', 'offline', { timeout: 15_000 });
  asterisk.phone('1002', 'answer', { pauseMs: 300 });
  asterisk.phone('1001', 'call-and-wait', { to: '1002' });
  await expect.poll(() => asterisk.cli('core show channels count')).toContain('1 active call');
  cable.join();
  await expect(board.call('Ada Lindqvist', 'Bela Novák')).toContainText('Talking', { timeout: 40_000 });
  await expect(board.lamp).toHaveAttribute('data-lamp', 'live');
});

test('a PBX that restarts in the middle of a call takes the call with it and comes back', async ({ page, asterisk }) => {
  await asterisk.register('1001', '1002');
  const board = await Switchboard.open(page);
  asterisk.phone('1002', 'answer', { pauseMs: 300 });
  asterisk.phone('1001', 'call-and-wait', { to: '1002' });
  await expect(board.call('Ada Lindqvist')).toContainText('Talking');

  await asterisk.stop();
  await expect(board.lamp).toHaveAttribute('data-lamp', 'offline', { timeout: 15_000 });
  await asterisk.startAgain();
  await expect(board.lamp).toHaveAttribute('data-lamp', 'live', { timeout: 40_000 });
  await expect(board.calls.getByText('No calls right now')).toBeVisible();

  asterisk.phone('1002', 'answer', { pauseMs: 1_000 });
  asterisk.phone('1001', 'call', { to: '1002', pauseMs: 3_000 });
  await expect(board.call('Ada Lindqvist')).toContainText('Talking');
});

test('a caller whose number holds events of a PBX ends nobody\'s call', async ({ page, asterisk, starboard }) => {
  await asterisk.register('1001', '1002');
  const board = await Switchboard.open(page);
  asterisk.phone('1002', 'answer', { pauseMs: 300 });
  asterisk.phone('1001', 'call-and-wait', { to: '1002' });
  await expect(board.call('Ada Lindqvist')).toContainText('Talking');

  // percent signs are decoded by the PBX, which writes what comes of them into its events
  const forged = encodeURIComponent('1\r\n\r\nEvent: Shutdown\r\nPrivilege: system,all\r\n');
  await asterisk.phone('provider', 'provider-call', { to: '0405550100', caller: forged, pauseMs: 1_000 }).ended;
  expect(starboard.output).toContain('a caller wrote into the events');
  await expect(board.lamp).toHaveAttribute('data-lamp', 'live', { timeout: 20_000 });
  await expect(board.call('Ada Lindqvist')).toContainText('Talking');
});
