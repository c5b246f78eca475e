/** My profile: which phone is mine. */
import { expect, type Page } from '@playwright/test';

export async function chooseOwnExtension(page: Page, number: string): Promise<void> {
  await page.goto('/me');
  const field = page.getByLabel(/extension/i).first();
  if ((await field.evaluate((element) => element.tagName)) === 'SELECT') {
    const option = field.locator('option', { hasText: number });
    await field.selectOption((await option.first().getAttribute('value')) ?? number);
  } else {
    await field.fill(number);
  }
  await page.getByRole('button', { name: /save/i }).click();
  await expect(page.locator('.my-phone')).toContainText(number);
}
