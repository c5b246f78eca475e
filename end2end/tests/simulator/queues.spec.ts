/** The page of queues under the simulator's day: cards, a queue opened, sheets, menus and the cut link, as they look. */
import { look } from '../../stage/scripted';
import { awake, expect, test } from '../../stage/test';

test.setTimeout(90_000);

for (const theme of ['light', 'dark'] as const) {
  for (const width of [1440, 390]) {
    test.describe(`${theme}, ${width} pixels wide`, () => {
      test.use({ colorScheme: theme, viewport: { width, height: width > 900 ? 900 : 844 } });

      test('queues, one of them opened, and what opens above it', async ({ page, cable }) => {
        const name = (what: string) => `queues-${what}-${theme}-${width}`;
        await page.goto('/queues');
        await awake(page);
        const card = page.getByRole('listitem').filter({ has: page.getByRole('heading', { name: 'support' }) });
        await expect(card).toBeVisible();
        await look(page, name('cards'));
        await card.getByRole('link').click();
        await expect(page).toHaveURL(/\/queues\/\d+\/support/);
        const pane = page.getByRole('region', { name: 'Queue', exact: true });
        const agents = pane.getByRole('region', { name: 'Agents' });
        await expect(agents.getByRole('listitem')).not.toHaveCount(0);
        await look(page, name('open'));

        await test.step('a menu by a key', async () => {
          await agents.getByRole('group').first().press('m');
          await expect(page.getByRole('menuitem').first()).toBeFocused();
          await look(page, name('menu'));
          await page.keyboard.press('Escape');
        });
        await test.step('a pause', async () => {
          await agents.getByRole('group').first().press('r');
          await expect(page.getByRole('region', { name: /^Pause/ })).toBeVisible();
          await look(page, name('pause'));
          await page.keyboard.press('Escape');
        });
        await test.step('an agent more', async () => {
          await pane.getByRole('button', { name: 'Add an agent' }).click();
          await expect(page.getByRole('region', { name: /^Add an agent/ })).toBeVisible();
          await look(page, name('add'));
          await page.keyboard.press('Escape');
        });
        await test.step('the link is cut', async () => {
          cable.cut();
          await expect(page.getByText(/is cut off/)).toBeVisible();
          await look(page, name('cut'));
          cable.join();
          await awake(page);
        });
      });
    });
  }
}

test('the address is the screen: reload, back and an unknown queue', async ({ page }) => {
  await page.goto('/queues');
  await awake(page);
  await page.getByRole('link', { name: 'sales' }).click();
  await expect(page.getByRole('region', { name: 'Queue', exact: true })).toContainText('sales');
  await page.reload();
  await awake(page);
  await expect(page.getByRole('region', { name: 'Queue', exact: true })).toContainText('sales');
  await page.keyboard.press('Escape');
  await expect(page).toHaveURL(/\/queues$/);
  await page.goto('/queues/1/nowhere');
  await expect(page.getByText('This queue is not there')).toBeVisible();
});

test('an agent is paused with a reason, comes back, and the penalty changes', async ({ page }) => {
  await page.goto('/queues/1/service');
  await awake(page);
  const agent = page.getByRole('region', { name: 'Agents' }).getByRole('listitem').first();
  const row = agent.getByRole('group');
  await row.press('r');
  const sheet = page.getByRole('region', { name: /^Pause/ });
  await sheet.getByRole('textbox', { name: 'Reason' }).fill('Stock | taking');
  await page.keyboard.press('Enter');
  await expect(sheet.getByRole('alert')).toContainText('without | and commas');
  await sheet.getByRole('textbox', { name: 'Reason' }).fill('Stocktaking');
  await sheet.getByLabel('Only in service').check();
  await sheet.getByRole('button', { name: 'Pause' }).click();
  await expect(agent).toContainText('Stocktaking');
  await row.press('p');
  await expect(agent).not.toContainText('Stocktaking');
  await row.press('m');
  await page.getByRole('menuitem', { name: 'Penalty…' }).press('Enter');
  await page.getByLabel('Penalty', { exact: true }).fill('3');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('region', { name: 'Agents' }).getByText(/penalty 3/)).toBeVisible();
});
