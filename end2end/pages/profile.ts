/** My profile: which phone is mine. */
import { expect, type Page } from '@playwright/test';

import { awake } from '../stage/test';

export async function chooseOwnExtension(page: Page, number: string): Promise<void> {
  await page.goto('/me');
  await awake(page);
  const choice = page.getByLabel('My extension');
  const value = await choice.locator('option', { hasText: number }).first().getAttribute('value');
  await choice.selectOption(value ?? number);
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('Saved.')).toBeVisible();
  await expect(page.locator('.my-phone')).toContainText(number);
}
