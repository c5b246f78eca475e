/** The board lives: it changes without a reload, in every window, and by keyboard alone. */
import type { Locator, Page, WebSocket } from '@playwright/test';

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

test('the page opens one live socket and goes on with it', async ({ page }) => {
  const { sockets, said } = listened(page);
  let wake = (): void => {};
  const asleep = new Promise<void>((resolve) => (wake = resolve));
  await page.route(/\.wasm$/, async (route) => {
    await asleep;
    await route.continue();
  });
  await page.goto('/', { waitUntil: 'commit' });
  // the company goes on with its day while the page is on its way
  await expect.poll(() => waiting(page), { timeout: 30_000 }).toBeGreaterThan(3);
  wake();
  await awake(page);
  expect(await waiting(page), 'what was heard is folded in').toBe(0);
  const people = page.getByRole('region', { name: /^People/ });
  const before = await people.innerText();
  await expect.poll(() => people.innerText(), { timeout: 30_000 }).not.toBe(before);
  expect(sockets.map((socket) => [new URL(socket.url()).pathname, socket.isClosed()])).toEqual([['/live', false]]);
  expect(said, 'nothing was missing, so nothing was asked for').toEqual([]);
});

test('a page that never wakes up gives its socket up', async ({ page }) => {
  const { sockets } = listened(page);
  await page.clock.install();
  await page.route(/\.wasm$/, () => {});
  await page.goto('/', { waitUntil: 'commit' });
  await expect.poll(() => waiting(page)).toBeGreaterThan(1);
  expect(sockets[0].isClosed()).toBe(false);
  await page.clock.fastForward(31_000);
  await expect.poll(() => sockets[0].isClosed()).toBe(true);
  expect(await waiting(page), 'and keeps nothing').toBe(0);
  expect(sockets).toHaveLength(1);
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

test('the switchboard is walked through by keyboard alone', async ({ page }) => {
  const board = await Switchboard.open(page);
  const focused = page.locator(':focus');

  await page.keyboard.press('Tab');
  await expect(focused).toHaveText('Skip to the content');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('main')).toBeFocused();
  await page.keyboard.press('/');
  await expect(board.people.getByLabel('Search people by name or number')).toBeFocused();

  // one stop for all people, arrows inside
  const people = board.people.getByRole('group');
  await tabTo(page, people.first());
  await page.keyboard.press('ArrowRight');
  await expect(people.nth(1)).toBeFocused();
  await page.keyboard.press('End');
  await expect(people.last()).toBeFocused();
  await page.keyboard.press('Home');
  await page.keyboard.press('f');
  await expect(people.first().getByRole('img', { name: 'Favourite' })).toBeVisible();
  await page.keyboard.press('f');
  await expect(people.first().getByRole('img', { name: 'Favourite' })).toBeHidden();

  // a menu takes the focus and gives it back
  await page.keyboard.press('m');
  await expect(page.getByRole('menuitem').first()).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await expect(page.getByRole('menuitem').nth(1)).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('menu')).toBeHidden();
  await expect(people.first()).toBeFocused();

  // past who waits, the calls are one stop; Enter opens one, and its verbs follow
  await tabTo(page, board.calls.locator('[data-cell][tabindex="0"]'));
  await page.keyboard.press('Enter');
  await expect(page.getByRole('complementary', { name: 'Call' })).toBeVisible();

  await page.keyboard.press('?');
  await expect(page.getByRole('dialog', { name: 'Keys' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog', { name: 'Keys' })).toBeHidden();
  await page.keyboard.press('s');
  await expect(page.locator('#summary')).toHaveText(/\d+ calls, \d+ phones ringing, \d+ people talking/);
  await page.keyboard.press('Control+d');
  await expect(page.getByLabel('Number to call')).toBeFocused();
});

/** Every socket that the page opens, and what it says on them. */
function listened(page: Page): { sockets: WebSocket[]; said: (string | Buffer)[] } {
  const sockets: WebSocket[] = [];
  const said: (string | Buffer)[] = [];
  page.on('websocket', (socket) => {
    sockets.push(socket);
    socket.on('framesent', ({ payload }) => said.push(payload));
  });
  return { sockets, said };
}

/** The socket and the messages that wait for the page to be awake. */
function waiting(page: Page): Promise<number> {
  return page.evaluate(() => (window as unknown as { early?: unknown[] }).early?.length ?? 0);
}

/** Tab until it has the focus; a keyboard trap ends the test. */
async function tabTo(page: Page, wanted: Locator): Promise<void> {
  for (let stops = 0; stops < 40; stops += 1) {
    await page.keyboard.press('Tab');
    if (await wanted.first().evaluate((element) => element === document.activeElement)) return;
  }
  throw new Error('not reached by the Tab key');
}

test.describe('on a slow line', () => {
  test.use({ serviceWorkers: 'block', expectedComplaints: [/Service Worker registration blocked/] });

  test('what is typed before the palette is drawn is in it', async ({ page }) => {
    await Switchboard.open(page);
    let arrive = () => {};
    const arrived = new Promise<void>((resolve) => (arrive = resolve));
    await page.route('**/split_sheets.*', async (route) => {
      await arrived;
      await route.continue();
    });
    await page.keyboard.press('Control+k');
    await page.keyboard.type('bob brpp');
    await page.keyboard.press('Backspace');
    await page.keyboard.press('Backspace');
    arrive();
    const search = page.getByRole('dialog').getByRole('combobox');
    await expect(search).toHaveValue('bob br');
    await expect(search).toBeFocused();
    await page.keyboard.type('own');
    await expect(page.getByRole('option', { name: /Call Bob Brown/ })).toBeVisible();
  });

  test('what is typed before the sheet of a transfer is drawn is in it', async ({ page }) => {
    // the company goes on: the very call may end, or its row move, while somebody types
    await expect(async () => {
      const board = await Switchboard.open(page);
      const mine = board.calls.getByRole('listitem').filter({ hasText: 'Talking' }).first();
      let arrive = () => {};
      const arrived = new Promise<void>((resolve) => (arrive = resolve));
      await page.unrouteAll({ behavior: 'ignoreErrors' });
      await page.route('**/split_sheets.*', async (route) => {
        await arrived;
        await route.continue();
      });
      await mine.hover({ timeout: 2_000 });
      await expect(mine.getByRole('button', { name: 'Hang up' })).toBeVisible({ timeout: 2_000 });
      await mine.getByRole('link').first().focus({ timeout: 2_000 });
      await page.keyboard.type('t1007');
      arrive();
      const to = page.getByRole('region', { name: 'Transfer' }).getByLabel('To', { exact: true });
      await expect(to).toHaveValue('1007', { timeout: 2_000 });
      await expect(to).toBeFocused({ timeout: 2_000 });
    }).toPass({ timeout: 40_000 });
  });

  test('a key pressed on a person before verbs are there is not crowded out by the pointer', async ({ page }) => {
    const board = await Switchboard.open(page);
    let arrive = () => {};
    const arrived = new Promise<void>((resolve) => (arrive = resolve));
    await page.route('**/split_handling.*', async (route) => {
      await arrived;
      await route.continue();
    });
    for (let number = 1001; number <= 1030; number += 1) await board.person(String(number)).dispatchEvent('pointerover');
    await board.person('1009').focus();
    await page.keyboard.press('f');
    arrive();
    await expect(board.people.getByRole('group').first()).toHaveAccessibleName(/, 1009, /);
  });
});

test.describe('when a part of the page cannot be loaded', () => {
  test.use({ serviceWorkers: 'block', expectedComplaints: [/Service Worker registration blocked|ERR_FAILED|split_|Failed to fetch/] });

  test('what was asked for is told as not done, and the next try does it', async ({ page }) => {
    const board = await Switchboard.open(page);
    await page.route('**/split_*', (route) => route.abort());
    await board.people.getByRole('link', { name: '1002', exact: true }).click();
    await expect(board.notice('Starboard could not be reached; nothing was changed.')).toBeVisible();
    await expect(page).toHaveURL(/\/$/);
    await page.keyboard.press('Control+k');
    await expect(board.notice('Starboard could not be reached; nothing was changed.')).toHaveCount(2);
    await page.getByRole('link', { name: 'Extensions' }).first().click();
    await expect(page.getByRole('link', { name: 'Try again' })).toBeVisible();

    await page.unrouteAll();
    await page.getByRole('link', { name: 'Try again' }).click();
    await awake(page);
    await expect(page.getByRole('heading', { name: 'Extensions' })).toBeVisible();
    await page.keyboard.press('Control+k');
    await expect(page.getByRole('dialog').getByRole('combobox')).toBeFocused();
  });

  test('a page whose part is missing stays as the server sent it', async ({ page }) => {
    await page.route('**/split_*', (route) => route.abort());
    await page.goto('/extensions');
    await expect(page.getByRole('row').filter({ hasText: '1002' })).toBeVisible();
    await page.getByRole('link', { name: 'Switchboard' }).first().click();
    await awake(page);
  });
});
