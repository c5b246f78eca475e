/** A caller presses a key, hangs up, and is called when an agent is free and their turn has come: on a real Asterisk. */
import type { Page } from '@playwright/test';

import type { Asterisk } from '../../stage/pbx';
import type { Program } from '../../stage/program';
import { accessible, awake, expect, test } from '../../stage/test';

test.setTimeout(150_000);

/** The agents of the queue support. */
const agents = ['1003', '1004'];

/** Opens the page with callbacks to numbers with 0405 switched on for the queue support. */
async function callsBack(page: Page, attempts = 3): Promise<ReturnType<typeof support>> {
  await page.goto('/queues/callbacks');
  await awake(page);
  const queue = support(page);
  const fold = queue.locator('details');
  if ((await fold.getAttribute('open')) === null) await fold.getByText('How it calls back').click();
  await queue.getByLabel('Call back who keeps the place').check();
  await queue.getByLabel('Attempts').fill(String(attempts));
  await queue.getByLabel('Minutes between').fill('1');
  await queue.getByLabel('Numbers that may be called begin with').fill('0405');
  await queue.getByRole('button', { name: 'Save' }).click();
  await expect(queue.getByText('Saved')).toBeVisible();
  await expect(queue.getByText('Calls back', { exact: true })).toBeVisible();
  return queue;
}

const support = (page: Page) => page.getByRole('region', { name: 'support' });

/** Ends what earlier tests left open. */
async function nobodyWaits(page: Page) {
  const queue = support(page);
  await expect(async () => {
    const cancel = queue.getByRole('button', { name: 'Cancel' });
    if ((await cancel.count()) > 0) await cancel.first().click();
    await expect(queue.getByText('Nobody waits for a call.')).toBeVisible({ timeout: 500 });
  }).toPass({ timeout: 60_000 });
}

/** Somebody calls the queue, presses the key and is gone. */
async function keepsThePlace(page: Page, asterisk: Asterisk, caller: string, shown: string) {
  const call = asterisk.phone('provider', 'provider-call-key', { to: '0405550100', caller, shown, pauseMs: 1_000 });
  await expect(support(page).getByRole('row', { name: shown })).toContainText('Keeps the place', { timeout: 20_000 });
  await call.ended;
}

/** How often Asterisk dialled this number. */
async function dialled(asterisk: Asterisk, number: string): Promise<number> {
  const log = (await asterisk.records()).get('log/full') ?? '';
  return log.split('\n').filter((line) => line.includes(`Executing [${number}@starboard-callback-dial:1]`)).length;
}

/** The agents' phones are there, and nobody sits at them. */
async function away(asterisk: Asterisk) {
  for (const agent of agents) await asterisk.cli(`queue pause member PJSIP/${agent} queue support`);
}

const back = (asterisk: Asterisk, agent: string) => asterisk.cli(`queue unpause member PJSIP/${agent} queue support`);

test.beforeEach(async ({ asterisk }) => {
  await asterisk.cli('core set verbose 3');
  await asterisk.register(...agents);
  await away(asterisk);
});

test('who pressed the key and hung up is called once an agent is free, and talks to them', async ({ page, asterisk }) => {
  const queue = await callsBack(page);
  await nobodyWaits(page);
  await keepsThePlace(page, asterisk, '0405551001', 'Cleo Vance');
  await accessible(page);
  const before = await dialled(asterisk, '0405551001');
  expect(before, 'nobody is free').toBe(0);

  asterisk.phone('provider', 'answer', { pauseMs: 2_000 });
  asterisk.phone('1003', 'answer', { pauseMs: 2_000 });
  await back(asterisk, '1003');
  await expect(queue.getByRole('row', { name: 'Cleo Vance' })).toContainText('Being called');
  await expect.poll(() => asterisk.cli('queue show support')).toContain('in call');
  await expect(queue.getByText('Nobody waits for a call.')).toBeVisible();
  expect(await dialled(asterisk, '0405551001'), 'the phone rang once').toBe(1);

  await page.goto('/admin/audit');
  await expect(page.getByRole('row').filter({ hasText: '0405551001' }).first()).toContainText('Callback');
});

test('two callers keep their order and share one agent', async ({ page, asterisk }) => {
  const queue = await callsBack(page);
  await nobodyWaits(page);
  await keepsThePlace(page, asterisk, '0405551011', 'First Caller');
  await keepsThePlace(page, asterisk, '0405551012', 'Second Caller');
  const rows = queue.getByRole('row').filter({ hasText: 'Caller' });
  await expect(rows.nth(1)).toContainText('First Caller');
  await expect(rows.nth(2)).toContainText('Second Caller');

  asterisk.phone('provider', 'answer', { pauseMs: 1_000, calls: 2 });
  asterisk.phone('1003', 'answer', { pauseMs: 1_000, calls: 2 });
  await back(asterisk, '1003');
  await expect(queue.getByRole('row', { name: 'First Caller' })).toHaveCount(0, { timeout: 20_000 });
  await expect(queue.getByRole('row', { name: 'Second Caller' }), 'one agent, one call').toContainText('Keeps the place');
  expect(await dialled(asterisk, '0405551012')).toBe(0);

  await asterisk.hangUp('1003');
  await expect(queue.getByText('Nobody waits for a call.')).toBeVisible({ timeout: 30_000 });
  expect(await dialled(asterisk, '0405551012')).toBe(1);
});

test('who is busy is tried again after the pause, and then no more', async ({ page, asterisk }) => {
  const queue = await callsBack(page, 2);
  await nobodyWaits(page);
  await keepsThePlace(page, asterisk, '0405551021', 'Busy Bee');
  asterisk.phone('provider', 'busy', { calls: 2 });
  await back(asterisk, '1003');
  await expect(queue.getByRole('row', { name: 'Busy Bee' })).toContainText('Busy, tries again', { timeout: 20_000 });
  expect(await dialled(asterisk, '0405551021')).toBe(1);
  await expect(queue.getByText('Nobody waits for a call.'), 'a minute between, two attempts').toBeVisible({ timeout: 90_000 });
  expect(await dialled(asterisk, '0405551021')).toBe(2);
});

test('a link cut while the phone rings dials nobody twice: what nobody saw is put to a person', async ({
  page,
  asterisk,
  cable,
}) => {
  const queue = await callsBack(page);
  await nobodyWaits(page);
  await keepsThePlace(page, asterisk, '0405551031', 'Dana Cut');
  const customer: Program = asterisk.phone('provider', 'ring');
  await back(asterisk, '1003');
  await expect(queue.getByRole('row', { name: 'Dana Cut' })).toContainText('Being called', { timeout: 20_000 });
  await expect.poll(() => dialled(asterisk, '0405551031')).toBe(1);
  cable.cut();
  await expect(queue.getByRole('row', { name: 'Dana Cut' })).toContainText('nobody sees the call', { timeout: 20_000 });
  await asterisk.cli('channel request hangup all');
  await customer.end('SIGKILL');
  cable.join();
  await expect(queue.getByRole('row', { name: 'Dana Cut' })).toContainText('Nobody saw what came of the call', {
    timeout: 40_000,
  });
  expect(await dialled(asterisk, '0405551031'), 'an agent is free, and nobody is called').toBe(1);
  await queue.getByRole('row', { name: 'Dana Cut' }).getByRole('button', { name: 'Give up' }).click();
  await expect(queue.getByText('Nobody waits for a call.')).toBeVisible();
});

test.describe('without a server for a while', () => {
  test.use({ expectedComplaints: [/ERR_CONNECTION_REFUSED/] });

  test('a place is kept while Starboard is away, and so is a wish that it did not hear', async ({ page, asterisk, starboard }) => {
    const queue = await callsBack(page);
    await nobodyWaits(page);
    await keepsThePlace(page, asterisk, '0405551041', 'Early Bird');
    await starboard.stop();
    const call = asterisk.phone('provider', 'provider-call-key', {
      to: '0405550100',
      caller: '0405551042',
      shown: 'Unheard',
      pauseMs: 500,
    });
    await call.ended;
    await expect.poll(() => asterisk.cli('database show starboard-callback')).toContain('0405551042');
    await starboard.startAgain();
    await page.goto('/queues/callbacks');
    await awake(page);
    const rows = queue.getByRole('row').filter({ hasText: '04055510' });
    await expect(rows.nth(0)).toContainText('Early Bird', { timeout: 20_000 });
    await expect(rows.nth(1)).toContainText('0405551042');
    await nobodyWaits(page);
  });
});
