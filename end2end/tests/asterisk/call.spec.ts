/** One call from the first ring to the last word, in step with a real Asterisk. */
import { Switchboard } from '../../pages/switchboard';
import { expect, test } from '../../stage/test';

test.setTimeout(90_000);

test('a ringing call appears without a reload and goes through answer, hold, transfer and end', async ({ page, asterisk }) => {
  await asterisk.register('1001', '1002', '1003');
  const board = await Switchboard.open(page);
  await board.sees('1001', 'Idle');

  // each phase lasts three seconds: Bela rings, talks, is held by no one but holds, and is then sent on
  asterisk.phone('1002', 'answer-hold', { pauseMs: 3_000 });
  asterisk.phone('1001', 'call-and-wait', { to: '1002' });

  const row = board.call('Ada Lindqvist', 'Bela Novák');
  await expect(row).toHaveCount(1);
  await expect(row).toContainText('Ringing');
  await board.sees('1002', 'Ringing');

  await expect(row).toContainText('Talking');
  await board.sees('1001', 'Talking with Bela Novák');
  expect(await asterisk.cli('core show channels count')).toContain('1 active call');

  await expect(row).toContainText('On hold');
  await expect(row).toContainText('Talking');

  asterisk.phone('1003', 'answer', { pauseMs: 2_000 });
  await row.getByRole('link').first().focus();
  await page.keyboard.press('t');
  await page.locator('#transfer-to').fill('1003');
  await page.locator('#transfer-to').press('Enter');
  const handedOn = board.call('Çağla Özgür');
  await expect(handedOn).toHaveCount(1);
  await expect(handedOn).toContainText('Talking');
  await board.sees('1003', 'Talking');

  await handedOn.getByRole('link').first().focus();
  await page.keyboard.press('h');
  await page.getByRole('menuitem', { name: 'Hang up' }).click();
  await expect(board.calls.getByText('No calls right now')).toBeVisible();
  await board.sees('1003', 'Idle');
  expect(await asterisk.cli('core show channels count')).toContain('0 active calls');

  // and among the calls that are over it is one, told from beginning to end
  const past = page.getByRole('table').getByRole('row').filter({ hasText: 'Ada Lindqvist' });
  await expect(async () => {
    await page.goto(`/calls/history?q=${encodeURIComponent('from:1001 to:1003 answered')}`);
    await expect(past).toHaveCount(1, { timeout: 1_000 });
  }).toPass();
  await expect(past).toContainText('Answered');
  await expect(past).toContainText('transferred, held');
  await past.getByRole('link').click();
  const told = page.getByRole('region', { name: 'Call', exact: true });
  await expect(told.getByText('Bela Novák holds the call')).toBeVisible();
  await expect(told.getByText(/Çağla Özgür answers/)).toBeVisible();
});

test('a customer calls in, waits in a queue and is answered', async ({ page, asterisk }) => {
  await asterisk.register('1008');
  const board = await Switchboard.open(page);
  const agent = asterisk.phone('1008', 'answer', { pauseMs: 3_000 });
  asterisk.phone('provider', 'provider-call', {
    to: '0405550102',
    pauseMs: 7_000,
    caller: '0401234567',
    shown: 'Mira Castellanos',
  });
  await expect(board.waiting.getByRole('article').filter({ hasText: 'service' })).toContainText('Mira Castellanos');
  await expect(board.call('Mira Castellanos')).toContainText('Talking');
  await board.sees('1008', 'Talking with Mira Castellanos');
  await agent.ended;
  await expect(board.call('Mira Castellanos')).toHaveCount(0);
});

test('a parked call waits in its space with its age', async ({ page, asterisk }) => {
  await asterisk.register('1001', '1002');
  const board = await Switchboard.open(page);
  asterisk.phone('1002', 'answer', { pauseMs: 300 });
  asterisk.phone('1001', 'call-transfer', { to: '1002', pauseMs: 1_500, referTo: '700' });
  const parked = board.waiting.getByRole('listitem').filter({ hasText: '701' });
  await expect(parked).toContainText('Bela Novák');
  await expect(parked).toContainText('Parked');
});
