/** An agent's day at My desk: a real Asterisk keeps the pauses, the server keeps the work after a call. */
import type { Page } from '@playwright/test';

import { chooseOwnExtension } from '../../pages/profile';
import type { Asterisk } from '../../stage/pbx';
import { accessible, awake, expect, test } from '../../stage/test';

test.setTimeout(120_000);

/** Bela's row in the queue, as Asterisk has it. */
async function bela(asterisk: Asterisk): Promise<string> {
  const shown = await asterisk.cli('queue show service');
  return shown.split('\n').find((line) => line.includes('PJSIP/1002')) ?? '';
}

/** The queue service gives so long for the work after a call; Lunch and Training are reasons to pause. */
async function setUp(page: Page, wrapUp: string) {
  await page.goto('/queues/set-up');
  await awake(page);
  for (const reason of ['Lunch', 'Training']) {
    if ((await page.getByRole('link', { name: reason }).count()) > 0) continue;
    await page.getByRole('link', { name: 'Add a reason' }).first().click();
    await page.getByLabel('Word', { exact: true }).fill(reason);
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await expect(page.getByRole('row').filter({ hasText: reason })).toBeVisible();
  }
  await page.getByRole('link', { name: 'service' }).click();
  const form = page.getByRole('region', { name: 'service' });
  await form.getByLabel('Wrap-up, in seconds').fill(wrapUp);
  await form.getByLabel('What agents can say of a call').fill('Solved\nCalls again');
  await form.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('row').filter({ hasText: 'service' })).toContainText(`${wrapUp} s`);
}

/** Opens the desk, logged in to the queue. */
async function sitDown(page: Page, asterisk: Asterisk) {
  await asterisk.cli('queue pause member PJSIP/1008 queue service');
  await asterisk.register('1002');
  await chooseOwnExtension(page, '1002');
  await page.goto('/desk');
  await awake(page);
  await page.getByRole('listitem').filter({ hasText: 'service' }).getByRole('button', { name: 'Log in' }).click();
  await expect(state(page)).toContainText('Ready');
  await expect.poll(() => bela(asterisk)).toContain('Not in use');
}

const state = (page: Page) => page.locator('.mystate-word');

/** Ada calls the queue, Bela answers, Ada hangs up. */
async function takesACall(page: Page, asterisk: Asterisk) {
  asterisk.phone('1002', 'answer', { pauseMs: 1_000 });
  asterisk.phone('1001', 'call-and-wait', { to: '602' });
  const call = page.getByRole('region', { name: 'My call', exact: true });
  await expect(call).toContainText('Ada Lindqvist');
  await expect(call).toContainText('Talking');
  await expect(state(page)).toContainText('On a call');
  await asterisk.hangUp('1001');
  await expect(call).toHaveCount(0);
}

test.afterEach(async ({ asterisk }) => {
  await asterisk.cli('queue remove member PJSIP/1002 from service');
  await asterisk.cli('queue unpause member PJSIP/1008 queue service');
});

test('the work after a call is kept by the server, whatever becomes of the tab', async ({ page, asterisk }) => {
  await setUp(page, '120');
  await sitDown(page, asterisk);
  await accessible(page);
  await takesACall(page, asterisk);
  await expect(state(page)).toContainText('Wrap-up');
  await expect.poll(() => bela(asterisk)).toContain('paused:wrap-up');
  const context = page.context();
  await page.close();

  const later = await context.newPage();
  await later.goto('/desk');
  await awake(later);
  const work = later.getByRole('region', { name: 'Wrap-up' });
  await expect(work).toContainText('The call with Ada Lindqvist, queue service.');
  await expect(work.getByRole('timer')).toHaveText(/^1:[0-5]\d$/);
  await accessible(later);
  await work.getByLabel('Solved').check();
  await work.getByLabel('Note').fill('Sent the <b>manual</b>');
  await work.getByRole('button', { name: 'Done' }).click();
  await expect(work).toHaveCount(0);
  await expect(state(later)).toContainText('Ready');
  await expect.poll(() => bela(asterisk)).not.toContain('paused');

  await later.reload();
  await awake(later);
  const last = later.getByRole('region', { name: 'My calls from queues' }).getByRole('listitem').first();
  await expect(last).toContainText('Ada Lindqvist');
  await expect(last).toContainText('Solved');
  // and whoever calls again is known
  asterisk.phone('1002', 'ring');
  asterisk.phone('1001', 'call-and-wait', { to: '602' });
  const earlier = later.getByRole('region', { name: 'Earlier calls of this number' });
  await expect(earlier).toContainText('Sent the <b>manual</b>');
});

test('it ends when its time is over, also where nobody looks and the server was away', async ({ page, asterisk, starboard }) => {
  await setUp(page, '6');
  await sitDown(page, asterisk);
  await takesACall(page, asterisk);
  await expect.poll(() => bela(asterisk)).toContain('paused:wrap-up');
  await page.goto('about:blank');
  await starboard.stop();
  await starboard.startAgain();
  await expect.poll(() => bela(asterisk), { timeout: 20_000 }).not.toContain('paused');
});

test('a pause has a reason, a new reason replaces it, and every tab of mine shows it', async ({ page, asterisk }) => {
  await setUp(page, '0');
  await sitDown(page, asterisk);
  const other = await page.context().newPage();
  await other.goto('/desk');
  await awake(other);
  await page.getByRole('button', { name: 'Lunch' }).click();
  await expect(state(other)).toContainText('Lunch');
  await expect.poll(() => bela(asterisk)).toContain('paused:Lunch');
  await other.getByRole('button', { name: 'Training' }).click();
  await expect(state(page)).toContainText('Training');
  await expect.poll(() => bela(asterisk)).toContain('paused:Training');
  await page.getByRole('button', { name: 'Ready' }).click();
  await expect(state(other)).toContainText('Ready');
  await page.getByRole('listitem').filter({ hasText: 'service' }).getByRole('button', { name: 'Log out' }).click();
  await expect(state(other)).toContainText('In no queue');
  await expect.poll(() => bela(asterisk)).toBe('');
});
