/** The switchboard: people, calls, who waits. */
import { expect, type Locator, type Page } from '@playwright/test';

import { awake } from '../stage/test';

export class Switchboard {
  private constructor(readonly page: Page) {}

  static async open(page: Page): Promise<Switchboard> {
    await page.goto('/');
    await awake(page);
    return new Switchboard(page);
  }

  get people(): Locator {
    return this.page.getByRole('region', { name: /^People/ });
  }

  get calls(): Locator {
    return this.page.getByRole('region', { name: /^Calls/ });
  }

  get waiting(): Locator {
    return this.page.getByRole('region', { name: /^Waiting/ });
  }

  get lamp(): Locator {
    return this.page.locator('.topbar .lamp');
  }

  /** The tile of one extension. */
  person(number: string): Locator {
    return this.people.getByRole('group', { name: new RegExp(`, ${number}, `) });
  }

  /** The row of the call that has all of these words in it. */
  call(...words: string[]): Locator {
    let rows = this.calls.getByRole('listitem');
    for (const word of words) rows = rows.filter({ hasText: word });
    return rows;
  }

  /** One extension is in a state, by its word. */
  async sees(number: string, state: string): Promise<void> {
    await expect(this.person(number)).toHaveAccessibleName(new RegExp(`, ${number}, ${state}`));
  }

  async typeNumber(number: string): Promise<void> {
    await this.page.getByLabel('Number to call').fill(number);
    await this.page.getByLabel('Number to call').press('Enter');
  }

  notice(text: string | RegExp): Locator {
    return this.page.getByRole('status').getByText(text);
  }
}
