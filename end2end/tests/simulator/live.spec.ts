/** The board lives: it changes without a reload, in every window, and by keyboard alone. */
import { Switchboard } from '../../pages/switchboard';
import { awake, expect, test } from '../../stage/test';

test('the company goes on with its day and the page follows without a reload', async ({ page }) => {
  const board = await Switchboard.open(page);
  await page.evaluate(() => {
    document.documentElement.dataset.notReloaded = 'yes';
  });
  const before = await board.people.innerText();
  await expect.poll(() => board.people.innerText(), { timeout: 30_000 }).not.toBe(before);
  await expect(page.locator('html')).toHaveAttribute('data-not-reloaded', 'yes');
});

test('a search is in the address, so that reload and share give the same view', async ({ page }) => {
  const board = await Switchboard.open(page);
  const first = (await board.people.getByRole('group').first().getAttribute('aria-label')) ?? '';
  const [, number] = first.split(', ');
  await board.people.getByLabel('Search people by name or number').fill(number);
  await expect(board.people.getByRole('group')).toHaveCount(1);
  await expect(page).toHaveURL(new RegExp(`q=${number}`));
  await page.reload();
  await awake(page);
  await expect(board.people.getByRole('group')).toHaveCount(1);
});

test('the palette finds a person by name and the keyboard suffices', async ({ page }) => {
  const board = await Switchboard.open(page);
  const first = (await board.people.getByRole('group').first().getAttribute('aria-label')) ?? '';
  const [name] = first.split(', ');
  await page.keyboard.press('Control+k');
  const palette = page.getByRole('dialog');
  await expect(palette).toBeVisible();
  await page.keyboard.type(name);
  await expect(palette.getByRole('option').first()).toContainText(name);
  await page.keyboard.press('Escape');
  await expect(palette).toBeHidden();
});

test('a number that cannot be dialled is refused where it was typed', async ({ page }) => {
  const board = await Switchboard.open(page);
  await board.typeNumber('1002&PJSIP/evil');
  await expect(page.getByLabel('Number to call')).toHaveAttribute('aria-invalid', 'true');
});
