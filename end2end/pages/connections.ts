/** PBX connections: the form of one, and its test. */
import { expect, type Locator, type Page } from '@playwright/test';

export interface Typed {
  name: string;
  host: string;
  port: number;
  username: string;
  secret: string;
}

export class ConnectionForm {
  private constructor(readonly page: Page) {}

  static async openNew(page: Page): Promise<ConnectionForm> {
    await page.goto('/admin/pbx/new');
    await expect(page.getByRole('heading', { name: 'Connect a PBX' })).toBeVisible();
    return new ConnectionForm(page);
  }

  async fill(typed: Typed): Promise<void> {
    await this.page.getByLabel('Name', { exact: true }).fill(typed.name);
    await this.page.getByLabel('Host').fill(typed.host);
    await this.page.getByLabel('Port').fill(String(typed.port));
    await this.page.getByLabel('Manager user').fill(typed.username);
    await this.page.getByLabel('Secret').fill(typed.secret);
  }

  async test(): Promise<void> {
    await this.page.getByRole('button', { name: 'Test the connection' }).click();
  }

  async save(): Promise<void> {
    await this.page.getByRole('button', { name: 'Save' }).click();
  }

  /** One step of the test, by its name. */
  step(name: string): Locator {
    return this.page.getByRole('list', { name: 'Connection test' }).getByRole('listitem').filter({ hasText: name });
  }
}
