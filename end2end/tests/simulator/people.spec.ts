/** People: where they stand, and what is offered for them. */
import { Switchboard } from '../../pages/switchboard';
import { awake, expect, test } from '../../stage/test';

test('people stand with the queues that they serve, and the address says so', async ({ page }) => {
  const board = await Switchboard.open(page);
  await board.people.getByLabel('Order').selectOption('By queue');
  await expect(page).toHaveURL(/sort=queue/);
  await page.reload();
  await awake(page);
  for (const queue of ['sales 3', 'service 4', 'support 4', 'Everybody else 29']) {
    await expect(board.people.getByRole('heading', { name: queue })).toBeVisible();
  }
  await expect(board.people.getByRole('group')).toHaveCount(40);
});

test('a favourite stands first, and stays one', async ({ page }) => {
  const board = await Switchboard.open(page);
  await board.person('1009').focus();
  await page.keyboard.press('f');
  await expect(board.people.getByRole('group').first()).toHaveAccessibleName(/, 1009, /);
  await page.reload();
  await awake(page);
  await expect(board.people.getByRole('group').first()).toHaveAccessibleName(/, 1009, /);
});

test('a name alone offers nothing that changes a call', async ({ page }) => {
  const board = await Switchboard.open(page);
  await expect(board.calls.getByRole('listitem').filter({ hasText: 'Talking' }).first()).toBeVisible({ timeout: 30_000 });
  await page.keyboard.press('Control+k');
  const found = page.getByRole('dialog').getByRole('option');
  await page.keyboard.type('a');
  await expect(found.first()).toBeVisible();
  await expect(found.filter({ hasText: /^(Transfer|Park|Pick up|Hang up)/ })).toHaveCount(0);
});

test('an extension has its verbs in the list too', async ({ page }) => {
  await page.goto('/extensions');
  await awake(page);
  const row = page.getByRole('row').filter({ hasText: '1005' });
  await row.getByRole('link').first().focus();
  await page.keyboard.press('ArrowDown');
  await expect(page.getByRole('row').filter({ hasText: '1006' }).getByRole('link').first()).toBeFocused();
  await page.keyboard.press('m');
  await expect(page.getByRole('menuitem', { name: 'Call 1006' })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('row').filter({ hasText: '1006' }).getByRole('link').first()).toBeFocused();
});

test('the pane of a call tells what happened so far, beginning with who calls', async ({ page }) => {
  const board = await Switchboard.open(page);
  await board.calls.getByRole('listitem').filter({ hasText: 'Talking' }).first().getByRole('link').first().press('Enter');
  const moments = page.getByRole('complementary', { name: 'Call' }).locator('.story').getByRole('listitem');
  await expect(moments.first()).toHaveText(/ calls |already up/);
  await expect(moments.filter({ hasText: /answers|already up/ }).first()).toBeVisible();
});

test('a key closes the pane of a call, and the focus is on its row again', async ({ page }) => {
  const board = await Switchboard.open(page);
  const link = board.calls.getByRole('listitem').filter({ hasText: 'Talking' }).first().getByRole('link').first();
  const href = (await link.getAttribute('href', { timeout: 30_000 })) ?? '';
  await board.calls.locator(`[href="${href}"]`).press('Enter');
  const pane = page.getByRole('complementary', { name: 'Call' });
  await expect(pane).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(pane).toBeHidden();
  await expect(page).toHaveURL(/\/$/);
  await expect(board.calls.locator(`[href="${href}"]`)).toBeFocused();
});

test('who points at a person is offered what can be done', async ({ page }) => {
  const board = await Switchboard.open(page);
  const tile = (number: string) =>
    board.people.getByRole('listitem').filter({ has: page.getByRole('group', { name: new RegExp(`, ${number}, `) }) });
  await board.person('1005').hover();
  await expect(tile('1005').getByRole('link', { name: 'Call 1005' })).toBeVisible();
  await tile('1005').getByRole('button', { name: 'More' }).click();
  await expect(page.getByRole('menuitem', { name: 'Call 1005' })).toBeVisible();
  await page.keyboard.press('Escape');
  await board.person('1006').hover();
  await tile('1006').getByRole('link', { name: 'Call 1006' }).click();
  await expect(board.notice(/Choose your own extension/)).toBeVisible();
  await expect(page).toHaveURL(/\/$/);
});
