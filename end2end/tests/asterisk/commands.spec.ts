/** What a person does with a call on the screen is done by a real Asterisk, by mouse and by keyboard. */
import type { Page } from '@playwright/test';

import { chooseOwnExtension } from '../../pages/profile';
import { Switchboard } from '../../pages/switchboard';
import type { Asterisk } from '../../stage/pbx';
import { expect, test } from '../../stage/test';

test.setTimeout(90_000);

// nobody's own call unless a test says so: whose phone lets go depends on it
test.beforeEach(({ page }) => chooseOwnExtension(page, '1012'));

/** Ada talks to Bela; the board shows it. */
async function adaTalksToBela(page: Page, asterisk: Asterisk): Promise<Switchboard> {
  const board = await Switchboard.open(page);
  asterisk.phone('1002', 'answer', { pauseMs: 200 });
  asterisk.phone('1001', 'call-and-wait', { to: '1002' });
  await expect(board.call('Ada Lindqvist', 'Bela Novák')).toContainText('Talking');
  return board;
}

test('a call dragged onto a person is sent there at once', async ({ page, asterisk }) => {
  await asterisk.register('1001', '1002', '1003');
  const board = await adaTalksToBela(page, asterisk);
  asterisk.phone('1003', 'answer', { pauseMs: 1_000 });
  await board.call('Ada Lindqvist').dragTo(board.person('1003'));
  await expect(page.getByLabel('To', { exact: true })).toHaveValue('1003');
  await page.getByRole('button', { name: 'Transfer now' }).click();
  await expect(board.notice('Asked the PBX to send Ada Lindqvist to 1003')).toBeVisible();
  await expect(board.call('Ada Lindqvist', 'Çağla Özgür')).toContainText('Talking');
  await board.sees('1002', 'Idle');
});

test('a call announced first waits on hold and is connected when the one who asked hangs up', async ({ page, asterisk }) => {
  await asterisk.register('1001', '1002', '1003');
  const board = await adaTalksToBela(page, asterisk);
  asterisk.phone('1003', 'answer', { pauseMs: 500 });
  await board.call('Ada Lindqvist').getByRole('link').first().focus();
  await page.keyboard.press('t');
  const sheet = page.getByRole('region', { name: 'Transfer' });
  await expect(sheet.getByLabel('Bela Novák'), 'the one who was called lets go').toBeChecked();
  await sheet.getByLabel('To', { exact: true }).fill('1003');
  await sheet.getByRole('button', { name: 'Ask first' }).click();

  await board.sees('1003', 'Talking with Bela Novák');
  await expect(board.call('Ada Lindqvist').first()).toContainText('On hold');
  await asterisk.hangUp('1002');
  await board.sees('1002', 'Idle');
  await expect(board.call('Ada Lindqvist', 'Çağla Özgür')).toContainText('Talking');
  await expect(board.calls.getByRole('listitem')).toHaveCount(1);
});

test('a call of others ends when that was asked and confirmed, not by one click', async ({ page, asterisk }) => {
  await asterisk.register('1001', '1002');
  const board = await adaTalksToBela(page, asterisk);
  const call = board.call('Ada Lindqvist');
  await call.hover();
  await call.getByRole('button', { name: 'Hang up' }).click();
  const question = call.getByRole('group', { name: 'Are you sure?' });
  await expect(question).toContainText('This ends the call of Ada Lindqvist and Bela Novák');
  // it stays while the hand is elsewhere, and the call goes on
  await board.person('1012').hover();
  await question.getByRole('button', { name: 'Cancel' }).click();
  await expect(question).toBeHidden();
  await board.sees('1002', 'Talking');

  await call.hover();
  await call.getByRole('button', { name: 'Hang up' }).click();
  await question.getByRole('button', { name: 'Hang up' }).click();
  await expect(call).toHaveCount(0);
  await board.sees('1002', 'Idle');
});

test('a call is parked by a key and taken at my own phone', async ({ page, asterisk }) => {
  await asterisk.register('1001', '1002', '1003');
  await chooseOwnExtension(page, '1003');
  const board = await adaTalksToBela(page, asterisk);
  await board.call('Ada Lindqvist').getByRole('link').first().focus();
  await page.keyboard.press('p');
  await page.getByRole('menuitem', { name: /^Park/ }).press('Enter');
  const parked = board.waiting.getByRole('listitem').filter({ hasText: '701' });
  await expect(parked).toContainText('Ada Lindqvist');
  await board.sees('1002', 'Idle');

  asterisk.phone('1003', 'answer', { pauseMs: 500 });
  await parked.getByRole('button', { name: 'Take' }).click();
  await expect(board.notice('Asked the PBX to connect Ada Lindqvist to your phone 1003')).toBeVisible();
  await expect(parked).toHaveCount(0);
  await board.sees('1003', 'Talking with Ada Lindqvist');
  await expect(board.call('Ada Lindqvist', 'Çağla Özgür')).toContainText('Talking');
  expect(await asterisk.cli('core show channels count')).toContain('2 active channels');
});

test('a call that rings elsewhere is picked up at my own phone', async ({ page, asterisk }) => {
  await asterisk.register('1001', '1002', '1003');
  await chooseOwnExtension(page, '1003');
  const board = await Switchboard.open(page);
  asterisk.phone('1002', 'ring');
  asterisk.phone('1001', 'call-and-wait', { to: '1002' });
  const row = board.call('Ada Lindqvist', 'Bela Novák');
  await expect(row).toContainText('Ringing');
  asterisk.phone('1003', 'answer', { pauseMs: 500 });
  await row.getByRole('link').first().focus();
  await page.keyboard.press('m');
  await page.getByRole('menuitem', { name: 'Pick up' }).press('Enter');
  await board.sees('1003', 'Talking with Ada Lindqvist');
  await board.sees('1002', 'Idle');
  await expect(board.call('Ada Lindqvist', 'Çağla Özgür')).toContainText('Talking');
});

test('a row that moves to another place of its list keeps the focus', async ({ page, asterisk }) => {
  await asterisk.register('1001', '1002', '1003', '1004');
  const board = await Switchboard.open(page);
  asterisk.phone('1002', 'answer', { pauseMs: 4_000 });
  asterisk.phone('1004', 'answer', { pauseMs: 200 });
  asterisk.phone('1001', 'call-and-wait', { to: '1002' });
  await expect(board.call('Ada Lindqvist')).toContainText('Ringing');
  asterisk.phone('1003', 'call-and-wait', { to: '1004' });
  await expect(board.call('Çağla Özgür')).toContainText('Talking');
  await expect(board.calls.getByRole('listitem').first(), 'what needs a person is above').toContainText('Ada Lindqvist');
  const link = board.call('Ada Lindqvist').getByRole('link').first();
  await link.focus();
  await expect(board.calls.getByRole('listitem').last(), 'then the newest').toContainText('Ada Lindqvist');
  await expect(link).toBeFocused();
});

test('the palette ends a call by its verb and a name', async ({ page, asterisk }) => {
  await asterisk.register('1001', '1002');
  const board = await adaTalksToBela(page, asterisk);
  await page.keyboard.press('Control+k');
  await page.keyboard.type('hang up ada');
  const found = page.getByRole('dialog').getByRole('option');
  await expect(found).toHaveCount(1);
  await expect(found).toContainText('This ends the call of Ada Lindqvist and Bela Novák at once.');
  await page.keyboard.press('Enter');
  await expect(board.calls.getByText('No calls right now')).toBeVisible();
  expect(await asterisk.cli('core show channels count')).toContain('0 active calls');
});

test('two people are brought together by dragging one onto the other, and by keys', async ({ page, asterisk }) => {
  await asterisk.register('1001', '1002', '1003');
  const board = await Switchboard.open(page);
  const sheet = page.getByRole('region', { name: 'Connect' });
  asterisk.phone('1001', 'answer', { pauseMs: 300 });
  asterisk.phone('1002', 'answer', { pauseMs: 300 });
  await board.person('1001').dragTo(board.person('1002'));
  await expect(sheet.getByLabel('With', { exact: true })).toHaveValue('1002');
  await expect(sheet).toContainText('The phone of Ada Lindqvist rings first.');
  await page.keyboard.press('Enter');
  await expect(board.notice('Asked the PBX to connect Ada Lindqvist with Bela Novák')).toBeVisible();
  await board.sees('1001', 'Talking with Bela Novák');

  asterisk.phone('1003', 'ring');
  await board.person('1003').focus();
  await page.keyboard.press('m');
  await page.getByRole('menuitem', { name: 'Connect with…' }).press('Enter');
  await expect(sheet.getByLabel('With', { exact: true })).toBeFocused();
  await page.keyboard.type('0401234567');
  await page.keyboard.press('Enter');
  await expect(sheet).toContainText('Only two people of this telephone system can be connected.');
  await sheet.getByLabel('With', { exact: true }).fill('1001');
  await page.keyboard.press('Enter');
  await board.sees('1003', 'Ringing');
});
