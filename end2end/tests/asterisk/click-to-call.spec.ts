/** A click on a number rings the user's own phone first and then the number. */
import { chooseOwnExtension } from '../../pages/profile';
import { Switchboard } from '../../pages/switchboard';
import { awake, expect, test } from '../../stage/test';

test('a number typed into the dial box rings phone one, then phone two', async ({ page, asterisk }) => {
  await asterisk.register('1001', '1002');
  await chooseOwnExtension(page, '1001');
  const board = await Switchboard.open(page);

  asterisk.phone('1001', 'answer', { pauseMs: 2_500 });
  asterisk.phone('1002', 'answer', { pauseMs: 2_500 });
  await board.typeNumber('1002');
  await expect(board.notice('Asked the PBX to ring your phone 1001 and call 1002')).toBeVisible();

  await board.sees('1001', 'Ringing');
  await board.sees('1002', 'Idle');
  await board.sees('1002', 'Ringing');
  await board.sees('1001', 'Talking');
  await board.sees('1002', 'Talking');
  expect(await asterisk.cli('core show channels count')).toContain('2 active channels');
});

test('an impatient double click is one call', async ({ page, asterisk }) => {
  await asterisk.register('1001', '1002');
  await chooseOwnExtension(page, '1001');
  const board = await Switchboard.open(page);
  asterisk.phone('1001', 'ring');
  await board.person('1002').hover();
  await board.people.getByRole('link', { name: 'Call 1002' }).dblclick();
  await board.sees('1001', 'Ringing');
  expect(await asterisk.cli('core show channels count')).toContain('1 active channel');
});

test('my own tile dragged onto a person calls that person, and so does the key c', async ({ page, asterisk }) => {
  await asterisk.register('1001', '1002');
  await chooseOwnExtension(page, '1001');
  const board = await Switchboard.open(page);
  asterisk.phone('1001', 'answer', { pauseMs: 300 });
  asterisk.phone('1002', 'answer', { pauseMs: 300 });
  await board.person('1001').dragTo(board.person('1002'));
  await board.sees('1001', 'Talking with Bela Novák');
  await expect(board.call('Ada Lindqvist', 'Bela Novák')).toContainText('Talking');

  await asterisk.silence();
  await board.sees('1001', 'Idle');
  await asterisk.register('1001');
  asterisk.phone('1001', 'ring');
  await board.person('1002').focus();
  await page.keyboard.press('c');
  await board.sees('1001', 'Ringing');
});

test('a clicked tel: address offers the call and places it only when asked', async ({ page, asterisk }) => {
  await asterisk.register('1001', '1002');
  await chooseOwnExtension(page, '1001');
  asterisk.phone('1001', 'answer', { pauseMs: 300 });
  asterisk.phone('1002', 'answer', { pauseMs: 300 });
  await page.goto(`/call?to=${encodeURIComponent('tel:10-02;phone-context=example.org')}`);
  await awake(page);
  await expect(page.getByLabel('Number', { exact: true })).toHaveValue('1002');
  await expect(page.getByText('Your phone 1001 rings first.')).toBeVisible();
  expect(await asterisk.cli('core show channels count')).toContain('0 active channels');
  await page.getByRole('main').getByRole('button', { name: 'Call' }).click();
  await expect(page.getByRole('main').getByRole('status')).toContainText('Asked the PBX to ring your phone and call 1002');
  await expect.poll(() => asterisk.cli('core show channels count')).toContain('2 active channels');
});
