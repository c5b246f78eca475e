/** Alarms in a browser: a rule is made, the bell counts, notices tell, the log keeps. */
import { join } from 'node:path';

import { output } from '../../stage/places';
import { accessible, awake, expect, test } from '../../stage/test';

test.setTimeout(120_000);
// forms that are refused say so
test.use({ expectedComplaints: [/status of 422/] });

test('a rule that nobody has to wait for raises an alarm in the bell, on the screen and in the log', async ({ page }) => {
  await page.goto('/alarms');
  await awake(page);
  await expect(page.getByText('No rules yet')).toBeVisible();
  await page.getByRole('link', { name: 'Add a rule' }).first().click();
  const form = page.getByRole('region', { name: 'Add a rule' });
  await form.getByLabel('Name').fill('Plenty of hands');
  await form.getByLabel('Queue').selectOption('1');
  await form.getByLabel('What').selectOption('agents_free');
  await form.getByLabel('Raise at').fill('90');
  await form.getByLabel('Clear at').fill('80');
  await form.getByRole('button', { name: 'Add', exact: true }).click();
  await expect(form.getByRole('alert').filter({ hasText: 'must be above' }), 'the two must be apart').toBeVisible();
  await form.getByLabel('Clear at').fill('95');
  await form.getByLabel('For seconds').fill('1');
  await page.goto('/alarms/new');
  await awake(page);
  await form.getByLabel('Name').fill('Plenty of hands');
  await form.getByLabel('Queue').selectOption('1');
  await form.getByLabel('What').selectOption('agents_free');
  await form.getByLabel('Raise at').fill('90');
  await form.getByLabel('Clear at').fill('95');
  await form.getByLabel('For seconds').fill('1');
  await expect(form.getByLabel('Time zone'), 'that of this browser').not.toHaveValue('');
  await page.screenshot({ path: join(output, 'alarms-form.png') });
  await accessible(page);
  await form.getByRole('button', { name: 'Add', exact: true }).click();
  await expect(page).toHaveURL(/\/alarms$/);

  await expect(page.getByRole('region', { name: 'Raised now' }).getByRole('listitem')).toHaveCount(3);
  await expect(page.getByRole('link', { name: 'Alarms: 3' })).toBeVisible();
  await expect(page.locator('.notice').first(), 'it is told on the screen').toContainText(/agents? (is|are) free|No agent is free/);
  await expect(page.getByRole('region', { name: 'Log' }).getByRole('row').filter({ hasText: 'raised now' })).toHaveCount(3);
  await page.screenshot({ path: join(output, 'alarms.png'), fullPage: true });
  await accessible(page);

  await page.getByRole('region', { name: 'Rules' }).getByRole('link', { name: 'Plenty of hands' }).click();
  const pane = page.getByRole('region', { name: 'Plenty of hands' });
  await pane.getByText('Remove this rule').click();
  await pane.getByRole('button', { name: 'Remove it' }).click();
  await expect(page.getByText('All is calm.')).toBeVisible();
  await expect(page.getByRole('region', { name: 'Log' }).getByRole('row').filter({ hasText: 'rule changed' })).toHaveCount(3);
});

test('quiet hours are asked for in the zone of whoever makes the rule, and half of them is refused', async ({ page }) => {
  await page.goto('/alarms/new');
  await awake(page);
  const form = page.getByRole('region', { name: 'Add a rule' });
  await form.getByLabel('Name').fill('Nights off');
  await form.getByLabel('From').fill('22:00');
  await form.getByRole('button', { name: 'Add', exact: true }).click();
  await expect(form.getByRole('alert').filter({ hasText: 'Until when?' })).toBeVisible();
});

for (const theme of ['light', 'dark'] as const) {
  test.describe(theme, () => {
    test.use({ colorScheme: theme, viewport: { width: 390, height: 844 } });
    test('the page fits a narrow screen', async ({ page }) => {
      await page.goto('/alarms');
      await awake(page);
      await expect(page.getByRole('heading', { name: 'Alarms', exact: true })).toBeVisible();
      await page.screenshot({ path: join(output, `alarms-${theme}-390.png`), fullPage: true });
      await accessible(page);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      expect(overflow, 'nothing sticks out to the side').toBeLessThanOrEqual(0);
    });
  });
}
