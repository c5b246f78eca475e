/** Wallboards: made on the bench, shown on a wall, and on screens that nobody is signed in at. */
import type { Locator, Page } from '@playwright/test';

import { accessible, awake, expect, test } from '../../stage/test';

const shots = process.env.WALLBOARD_SHOTS;

/** For whoever wants to look at it. */
async function shoot(page: Page, name: string): Promise<void> {
  if (shots) await page.screenshot({ path: `${shots}/${name}.png` });
}

/** Makes a board and stands at its bench. */
async function make(page: Page, name: string): Promise<string> {
  await page.goto('/wallboards');
  await awake(page);
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.getByRole('button', { name: 'Make it' }).click();
  await expect(page.getByRole('heading', { name, level: 1 })).toBeVisible();
  return new URL(page.url()).pathname.split('/')[2];
}

/** A tile on the bench. */
function piece(page: Page, heading: string): Locator {
  return page.getByRole('group', { name: /^Page \d/ }).getByRole('button', { name: new RegExp(`^${heading}, column`) });
}

async function drag(page: Page, from: Locator, grip: boolean, cells: [number, number]): Promise<void> {
  const canvas = (await page.locator('.canvas').boundingBox())!;
  const box = (await from.boundingBox())!;
  const start = grip ? { x: box.x + box.width - 6, y: box.y + box.height - 6 } : { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  await page.mouse.move(start.x, start.y);
  await page.mouse.down();
  await page.mouse.move(start.x + (cells[0] * canvas.width) / 12, start.y + (cells[1] * canvas.height) / 8, { steps: 6 });
  await page.mouse.up();
}

const saved = (page: Page): Locator => page.locator('.bench-head [role=status]');

test('a board is made with the mouse, step by step and back, and stays as it was saved', async ({ page }) => {
  await make(page, 'Hall');
  await shoot(page, 'bench');
  await accessible(page);
  await drag(page, piece(page, 'Who waits'), true, [-2, 0]);
  await expect(piece(page, 'Who waits')).toHaveAccessibleName(/column 7, row 5, 4 wide, 4 high/);
  await expect(saved(page)).toHaveText('Not saved yet');
  await drag(page, piece(page, 'Who waits'), false, [2, 0]);
  await expect(piece(page, 'Who waits')).toHaveAccessibleName(/column 9, row 5, 4 wide, 4 high/);
  await page.getByLabel('Add a tile').selectOption('Calls under way');
  await expect(piece(page, 'Calls under way')).toHaveAccessibleName(/column 7, row 5, 2 wide, 2 high/);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(piece(page, 'Calls under way')).toBeHidden();
  await page.getByRole('button', { name: 'Redo' }).click();
  await expect(piece(page, 'Calls under way')).toBeVisible();

  // no tile lies on another one
  await drag(page, piece(page, 'Callers waiting'), false, [4, 0]);
  await expect(piece(page, 'Callers waiting')).toHaveAccessibleName(/column 1, row 1/);

  await piece(page, 'Calls under way').click();
  await page.getByLabel('Title').fill('On the phone');
  await page.getByLabel('Watch').fill('9');
  await page.getByLabel('Alarm').fill('3');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('alert').filter({ hasText: 'Swap the two limits' })).toBeVisible();
  await page.getByLabel('Alarm').fill('12');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(saved(page)).toHaveText('Saved');
  await page.reload();
  await awake(page);
  await expect(piece(page, 'On the phone')).toHaveAccessibleName(/column 7, row 5, 2 wide, 2 high/);
  await expect(saved(page)).toHaveText('Saved');
});

test('a board is made by keyboard alone, and what is done is said', async ({ page }) => {
  await make(page, 'Loft');
  const said = page.locator('#bench-said');
  const clock = piece(page, 'Time');
  await clock.focus();
  await page.keyboard.press('Shift+ArrowLeft');
  await expect(said).toHaveText('Time: column 4, row 7, 2 wide, 2 high.');
  await page.keyboard.press('ArrowRight');
  await expect(said).toHaveText('Time: column 5, row 7, 2 wide, 2 high.');
  await page.keyboard.press('ArrowDown');
  await expect(said).toHaveText('There is no room on that side.');
  await expect(clock).toBeFocused();
  await page.keyboard.press('Control+z');
  await expect(clock).toHaveAccessibleName(/column 4, row 7/);
  await page.keyboard.press('Delete');
  await expect(clock).toBeHidden();
  await expect(said).toHaveText('Time removed.');
  await page.keyboard.press('Control+s');
  await expect(saved(page)).toHaveText('Saved');
});

test('what is not saved is there again, and can be given up', async ({ page }) => {
  const id = await make(page, 'Attic');
  await piece(page, 'Callers waiting').click();
  await page.getByLabel('Title').fill('Queue');
  await page.getByRole('link', { name: 'Switchboard' }).first().click();
  await expect(page.getByRole('heading', { name: 'Switchboard' })).toBeAttached();
  await page.goto(`/wallboards/${id}`);
  await awake(page);
  await expect(piece(page, 'Queue')).toBeVisible();
  await page.getByRole('button', { name: 'Back to what is saved' }).click();
  await expect(piece(page, 'Callers waiting')).toBeVisible();
  await expect(saved(page)).toHaveText('Saved');
});

test('on a telephone a board is a list of tiles with their places in numbers', async ({ page }) => {
  await make(page, 'Pocket');
  await page.setViewportSize({ width: 390, height: 844 });
  await expect(page.locator('.canvas')).toBeHidden();
  await page.getByRole('list', { name: 'Tiles of this page' }).getByRole('button', { name: /Time/ }).click();
  await page.getByLabel('Width', { exact: true }).fill('2');
  await page.getByLabel('Width', { exact: true }).press('Enter');
  await page.getByLabel('Column', { exact: true }).fill('5');
  await page.getByLabel('Column', { exact: true }).press('Enter');
  await expect(page.getByRole('list', { name: 'Tiles of this page' }).getByRole('button', { name: /Time/ })).toContainText('column 5, row 7, 2 wide');
  await shoot(page, 'bench-390');
  await accessible(page);
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  expect(width).toBeLessThanOrEqual(390);
});

for (const [width, height] of [
  [1920, 1080],
  [3840, 2160],
]) {
  test(`on a wall of ${width} by ${height} every figure fills its tile and none sticks out`, async ({ page }) => {
    const id = await make(page, `Wall ${width}`);
    await page.setViewportSize({ width, height });
    await page.goto(`/wall/${id}`);
    const wall = page.getByRole('region', { name: `Wall ${width}` });
    await expect(wall.locator('.cell')).toHaveCount(8);
    await expect(wall.locator('.face-figure').first()).not.toBeEmpty();
    await shoot(page, `wall-${width}`);
    await accessible(page);
    for (const figure of await wall.locator('.face-figure').all()) {
      const [of, tile] = [(await figure.boundingBox())!, (await figure.locator('xpath=ancestor::*[contains(@class,"cell")]').boundingBox())!];
      expect(of.x).toBeGreaterThanOrEqual(tile.x);
      expect(of.x + of.width).toBeLessThanOrEqual(tile.x + tile.width);
    }
    // ten metres away, a letter of a fiftieth of a metre is read: on a screen of 1.2 m that is a sixtieth of its width
    const first = (await wall.locator('.face-figure').first().boundingBox())!;
    expect(first.height).toBeGreaterThan(width / 12);
    await expect(page.getByRole('navigation', { name: 'Main' })).toBeHidden();
  });
}

test.describe('screens', () => {
  // a browser notes by itself what a server refuses
  test.use({ expectedComplaints: [/status of (422|429)/] });

  test('a screen shows a code, is paired with it without a name reaching it, and is cut off when it is revoked', async ({ page, visitor, starboard }) => {
    await make(page, 'Lobby');
    const television = await (await visitor({ baseURL: starboard.url, viewport: { width: 1920, height: 1080 } })).newPage();
    const heard: string[] = [];
    television.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => heard.push(payload.toString())));
    await television.goto('/tv');
    const letters = television.locator('.tv-letters');
    await expect(letters).toHaveText(/^[A-Z0-9]{4}-[A-Z0-9]{4}$/);
    await shoot(television, 'tv-code');
    await accessible(television);
    const code = (await letters.textContent()) ?? '';
    await television.reload();
    await expect(letters).toHaveText(code);

    await page.goto('/wallboards/screens');
    await awake(page);
    await page.getByLabel('Code').fill('AAAA-AAAA');
    await page.getByLabel('Shows').selectOption('Lobby');
    await page.getByLabel('What to call it').fill('Front door');
    await page.getByRole('button', { name: 'Pair it' }).click();
    await expect(page.getByText('No screen shows this code now.')).toBeVisible();
    await page.getByLabel('Code').fill(code.toLowerCase());
    // a wrong code costs a second
    await expect(async () => {
      await page.getByRole('button', { name: 'Pair it' }).click();
      await expect(page.getByRole('button', { name: 'Revoke Front door' })).toBeVisible({ timeout: 1_500 });
    }).toPass();
    await shoot(page, 'screens');
    await accessible(page);

    const wall = television.getByRole('region', { name: 'Lobby' });
    await expect(wall.locator('.cell')).toHaveCount(8);
    await expect(wall.locator('.face-figure').first()).not.toBeEmpty();
    await shoot(television, 'tv-board');
    await accessible(television);
    await expect.poll(() => heard.length).toBeGreaterThan(2);
    const all = heard.join('') + (await television.content());
    for (const name of ['Bob Brown', 'robin', 'Robin Harbour', 'PJSIP/']) expect(all, name).not.toContain(name);

    await page.getByRole('button', { name: 'Revoke Front door' }).click();
    await expect(page.getByText('No screens yet')).toBeVisible();
    await expect(letters).not.toHaveText(code);
    await expect(letters).toBeVisible();
  });
});

test('when the PBX is cut off the last figures stay with their age, and they live on by themselves', async ({ page, cable }) => {
  const id = await make(page, 'Cellar');
  await page.goto(`/wall/${id}`);
  const wall = page.getByRole('region', { name: 'Cellar' });
  const ready = wall.locator('.face', { hasText: 'Agents ready' });
  await expect(ready.locator('.face-figure')).toHaveText(/^\d+$/);
  await expect(wall.locator('.face-age')).toHaveCount(0);
  cable.cut();
  await expect(ready.locator('.face-age')).toHaveText(/^\d+ s old$/, { timeout: 20_000 });
  await expect(ready.locator('.face-figure')).toHaveText(/^\d+$/);
  await shoot(page, 'wall-old');
  await accessible(page);
  const before = await ready.locator('.face-age').textContent();
  await expect(ready.locator('.face-age')).not.toHaveText(before ?? '');
  cable.join();
  await expect(wall.locator('.face-age')).toHaveCount(0, { timeout: 40_000 });
});

test('pages of a board take turns, and somebody can hold them', async ({ page }) => {
  const id = await make(page, 'Gallery');
  await page.getByRole('button', { name: 'Add a page' }).click();
  await page.getByLabel('Add a tile').selectOption('Text');
  await page.getByLabel('Text', { exact: true }).fill('Good morning');
  await page.getByRole('button', { name: 'Page 1' }).click();
  await page.getByLabel('Stays for').fill('5');
  await page.getByLabel('Stays for').press('Enter');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(saved(page)).toHaveText('Saved');
  await page.goto(`/wall/${id}`);
  const wall = page.getByRole('region', { name: 'Gallery' });
  await expect(wall.getByText('Callers waiting')).toBeVisible();
  await expect(wall.getByText('Good morning')).toBeVisible({ timeout: 15_000 });
  await page.keyboard.press('ArrowLeft');
  await expect(wall.getByText('Callers waiting')).toBeVisible();
  await page.keyboard.press('Space');
  await expect(page.getByText('The page stays.')).toBeAttached();
  await expect(page.getByRole('button', { name: 'Go on' })).toHaveAttribute('aria-pressed', 'true');
});
