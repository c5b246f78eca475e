/** The pages before the sign-in. */
import { expect, type Page } from '@playwright/test';

export const administrator = {
  displayName: 'Robin Harbour',
  username: 'robin',
  password: 'a lighthouse keeps no secrets at noon',
};

/** Makes the first administrator and arrives at the switchboard, whatever it has to show. */
export async function setUp(page: Page, link: string): Promise<void> {
  await page.goto(link);
  await page.getByLabel('Your name').fill(administrator.displayName);
  await page.getByLabel('User name').fill(administrator.username);
  await page.getByLabel('Password', { exact: true }).fill(administrator.password);
  await page.getByLabel('The password again').fill(administrator.password);
  await page.getByRole('button', { name: 'Set up Starboard' }).click();
  await expect(page.getByRole('heading', { name: 'Switchboard' })).toBeAttached();
}

export async function signIn(page: Page, username: string, password: string): Promise<void> {
  await page.goto('/sign-in');
  await page.getByLabel('User name').fill(username);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

export async function signOut(page: Page): Promise<void> {
  await page.getByLabel(`Me: ${administrator.displayName}`).click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
}
