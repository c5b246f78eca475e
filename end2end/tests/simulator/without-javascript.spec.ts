/** The page is whole before a single script has run. */
import { expect, test } from '../../stage/test';

test.use({ javaScriptEnabled: false });

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
