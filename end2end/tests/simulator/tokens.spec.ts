/** Tokens: a program acts for somebody, within what was ticked, until it is told to stop. */
import { setUp } from '../../pages/doorstep';
import { office } from '../../stage/office';
import { accessible, awake, expect } from '../../stage/test';

office('a token is made, shown once, used within what was ticked, and revoked', async ({ page, own, playwright }) => {
  const program = await playwright.request.newContext({ baseURL: own.url });
  await setUp(page, own.setupLink);
  await page.goto(`${own.url}/me/tokens`);
  await awake(page);
  await expect(page.getByText('No program acts for you')).toBeVisible();
  await accessible(page);

  await page.getByLabel('Name', { exact: true }).fill('Wall display');
  await page.getByRole('button', { name: 'Make a token' }).click();
  await expect(page.locator('#abilities-problem'), 'one that may do nothing is not made').not.toBeEmpty();
  await page.getByRole('group', { name: 'Seeing' }).getByRole('checkbox').first().check();
  await page.getByRole('button', { name: 'Make a token' }).click();
  const token = await page.getByLabel('The token').inputValue();
  await accessible(page);
  const row = page.getByRole('listitem').filter({ hasText: 'Wall display' });
  await expect(row).toContainText('never used');

  const headers = { Authorization: `Bearer ${token}` };
  expect((await program.get('/api/v1/calls', { headers })).status()).toBe(200);
  const refused = await program.get('/api/v1/users', { headers });
  expect(refused.status(), 'what was not ticked').toBe(403);

  await page.reload();
  await awake(page);
  await expect(page.getByLabel('The token'), 'it is shown once').toHaveCount(0);
  await expect(row).toContainText('last used');

  await page.getByRole('link', { name: 'People' }).click();
  await page.getByRole('link', { name: 'Tokens', exact: true }).last().click();
  await expect(page.getByRole('heading', { name: 'Tokens' })).toBeVisible();
  await expect(row).toContainText('of robin');
  await accessible(page);
  await page.getByRole('button', { name: 'Revoke Wall display' }).click();
  await expect(row).toContainText('Revoked');
  expect((await program.get('/api/v1/calls', { headers })).status(), 'cut off at once').toBe(401);

  await program.dispose();
});
