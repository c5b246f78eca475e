/** The page is whole before a single script has run. */
import { setUp } from '../../pages/doorstep';
import { startSimulator } from '../../stage/pbx';
import { Starboard } from '../../stage/server';
import { expect, test } from '../../stage/test';

// a browser that runs nothing wonders what the preloaded files are for
test.use({ javaScriptEnabled: false, expectedComplaints: [/preloaded using link preload but not used/] });

test('the server sends the people, the calls and the way to every page', async ({ page }) => {
  await page.goto('/');
  const people = page.getByRole('region', { name: /^People/ });
  await expect(people.getByRole('group').first()).toBeVisible();
  expect(await people.getByRole('group').count()).toBeGreaterThanOrEqual(40);
  await expect(page.getByRole('region', { name: /^Calls/ })).toBeVisible();
  await expect(page.getByRole('region', { name: /^Waiting/ })).toBeVisible();
  for (const name of ['Switchboard', 'Extensions']) {
    await expect(page.getByRole('link', { name }).first()).toBeVisible();
  }
});

test('a search is a form, and its answer a page', async ({ page }) => {
  await page.goto('/');
  const people = page.getByRole('region', { name: /^People/ });
  const first = (await people.getByRole('group').first().getAttribute('aria-label')) ?? '';
  const [, number] = first.split(', ');
  await people.getByLabel('Search people by name or number').fill(number);
  await people.getByRole('button', { name: 'Show' }).click();
  await expect(page).toHaveURL(new RegExp(`q=${number}`));
  await expect(people.getByRole('group')).toHaveCount(1);
});

/** A company so busy that a page shows only the beginning of its lists. */
const crowded = test.extend<{ busy: Starboard }>({
  busy: async ({ browserName }, use) => {
    void browserName;
    const company = await startSimulator('--people', '150', '--calls-per-s', '20', '--talk-s', '60');
    const busy = await Starboard.start({ name: 'Harbour', manager: company.manager });
    await use(busy);
    await busy.end();
    await company.end();
  },
});

crowded('of a long list the beginning is sent, and the way to all of it', async ({ busy, visitor }) => {
  const page = await (await visitor({ javaScriptEnabled: false, baseURL: busy.url })).newPage();
  await setUp(page, busy.setupLink);
  await expect(async () => {
    await page.goto('/');
    await expect(page.getByText(/^The first 12 of \d+\./)).toBeVisible({ timeout: 500 });
  }).toPass();
  const people = page.getByRole('region', { name: /^People/ });
  await expect(people.getByText(/^The first 120 of 150\./)).toBeVisible();
  await people.getByRole('link', { name: 'Show all' }).click();
  await expect(people.getByRole('group')).toHaveCount(150);
  expect(await page.getByRole('region', { name: /^Calls/ }).getByRole('listitem').count()).toBeGreaterThan(20);
  await expect(page.getByRole('link', { name: 'Show all' })).toBeHidden();
  await page.goto('/extensions?q=1');
  await page.getByRole('link', { name: 'Show all' }).click();
  await expect(page).toHaveURL(/extensions\?q=1&all$/);
  await expect(page.getByRole('row')).toHaveCount(151);
});
