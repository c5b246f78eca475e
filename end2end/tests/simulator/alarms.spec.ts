/** Alarms in a browser: a rule is made, the bell counts, notices tell, the log keeps. */
import { join } from 'node:path';

import { output } from '../../stage/places';
import { accessible, awake, expect, test } from '../../stage/test';

test.setTimeout(120_000);
// forms that are refused say so, and Chromium that a private window, as each test has, gets no push service
test.use({ expectedComplaints: [/status of 422|does not support the Push API in incognito mode/] });

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

test('what is pushed is shown by the worker, also what cannot be read, and the page says what this browser can do', async ({
  page,
  context,
  starboard,
}) => {
  await context.grantPermissions(['notifications'], { origin: starboard.url });
  await page.goto('/alarms');
  await awake(page);
  await page.evaluate(() => navigator.serviceWorker.ready);
  const part = page.getByRole('region', { name: 'Notifications' });
  await expect(part.getByRole('status')).toHaveText('This browser notifies you while a page of Starboard is open.');

  const browser = await context.newCDPSession(page);
  const registrations: string[] = [];
  browser.on('ServiceWorker.workerRegistrationUpdated', (told) => {
    for (const one of told.registrations) if (!one.isDeleted) registrations.push(one.registrationId);
  });
  await browser.send('ServiceWorker.enable');
  await expect.poll(() => registrations.length).toBeGreaterThan(0);
  const push = (data: string) =>
    browser.send('ServiceWorker.deliverPushMessage', { origin: starboard.url, registrationId: registrations[0] ?? '', data });
  const shown = () =>
    page.evaluate(async () => {
      const worker = await navigator.serviceWorker.ready;
      return (await worker.getNotifications()).map(({ title, body, data }) => `${title}: ${body} ${data}`).sort();
    });
  await push(JSON.stringify({ title: 'Too many', body: '3 callers wait in support', tag: 'alarm-7', url: '/alarms' }));
  await expect.poll(shown).toEqual(['Too many: 3 callers wait in support /alarms']);
  await push(JSON.stringify({ title: 'Too many', body: '4 callers wait in support', tag: 'alarm-7', url: '/alarms' }));
  await expect.poll(shown, 'one of the same alarm takes its place').toEqual(['Too many: 4 callers wait in support /alarms']);
  await push('{');
  await expect.poll(shown, 'nothing comes in silence').toHaveLength(2);

  // the browser of this test reaches no push service
  await page.getByRole('button', { name: 'Notify me also when no page is open' }).click();
  await expect(part.getByRole('status')).toContainText('only while a page of Starboard is open', { timeout: 30_000 });
  await page.screenshot({ path: join(output, 'alarms-notifications.png'), fullPage: true });
  await accessible(page);
});
