/** Every page, in both themes and at two widths: complete, accessible, quiet, and kept as a picture. */
import { join } from 'node:path';

import type { Page } from '@playwright/test';

import { accessible, awake, expect, test } from '../../stage/test';
import { output } from '../../stage/places';

const pages = [
  { name: 'switchboard', path: '/', heading: /^People/ },
  { name: 'extensions', path: '/extensions', heading: /Extensions/ },
  { name: 'connections', path: '/admin/pbx', heading: /PBX connections/ },
  { name: 'connection', path: '/admin/pbx/new', heading: /connection|PBX/i },
  { name: 'profile', path: '/me', heading: /profile/i },
  { name: 'call', path: '/call?to=1002', heading: /call/i },
] as const;

for (const theme of ['light', 'dark'] as const) {
  for (const width of [1440, 390]) {
    test.describe(`${theme}, ${width} pixels wide`, () => {
      test.use({ colorScheme: theme, viewport: { width, height: width > 900 ? 900 : 844 } });

      for (const { name, path, heading } of pages) {
        test(`${name}`, async ({ page }) => {
          await page.goto(path);
          await awake(page);
          await expect(page.getByRole('heading', { name: heading }).first()).toBeVisible();
          await page.screenshot({ path: join(output, `${name}-${theme}-${width}.png`), animations: 'disabled' });
          await accessible(page);
          const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
          expect(overflow, 'nothing sticks out to the side').toBeLessThanOrEqual(0);
          expect(await smallestText(page), 'nothing is too small to be read').toBeGreaterThanOrEqual(12);
        });
      }
    });
  }
}

test('a call opens in a pane with its story, and the address names it', async ({ page }) => {
  await page.goto('/');
  await awake(page);
  const row = page.getByRole('region', { name: /^Calls/ }).getByRole('listitem').first();
  await row.getByRole('link').first().click();
  await expect(page).toHaveURL(/\/calls\/\d+\//);
  const pane = page.getByRole('complementary', { name: 'Call' });
  await expect(pane).toBeVisible();
  await page.screenshot({ path: join(output, 'pane-light-1440.png'), animations: 'disabled' });
  await accessible(page);

  await page.keyboard.press('Escape');
  await expect(pane, 'a key closes it').toBeHidden();
  await expect(page, 'and the address lets go of it').toHaveURL(/\/$/);
});

/** The size of the smallest text that can be seen, in pixels. */
async function smallestText(page: Page): Promise<number> {
  return page.evaluate(() => {
    const hasText = (element: Element) => [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim());
    const seen = [...document.querySelectorAll('body *')].filter((element) => hasText(element) && element.checkVisibility());
    return Math.min(...seen.map((element) => Number.parseFloat(getComputedStyle(element).fontSize)));
  });
}
