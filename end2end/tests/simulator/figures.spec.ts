/** Figures of queues: they appear as calls go on, each opens its proof, and what is set up decides how they are counted. */
import { join } from 'node:path';

import type { Page } from '@playwright/test';

import { setUp } from '../../pages/doorstep';
import type { Scripted } from '../../stage/pbx';
import { output } from '../../stage/places';
import { company as scripted, say } from '../../stage/scripted';
import { accessible, awake, expect } from '../../stage/test';

/** In a city whose clocks were put back on 25 October 2026. */
const company = scripted.extend({
  timezoneId: 'Europe/Berlin',
  locale: 'en-GB',
  // a browser notes by itself what a server refuses
  expectedComplaints: [[/status of 422/], { scope: 'test' }],
});

/** Somebody calls a queue, is answered, and the agent hangs up. */
async function answered(people: Scripted, number: string, queue: string, agent: string): Promise<void> {
  await say(people, `queue-call ${number} ${queue}`);
  await say(people, `answer ${agent}`);
  await say(people, `hangup ${agent}`);
}

/** Somebody calls a queue and gives up. */
async function gaveUp(people: Scripted, number: string, queue: string): Promise<void> {
  await say(people, `queue-call ${number} ${queue}`);
  await say(people, `abandon ${number}`);
}

const figure = (page: Page, name: string) => page.getByRole('link', { name, exact: true });
const proof = (page: Page) => page.getByRole('region', { name: 'Proof' });

company('every figure opens its proof, whose calls are as many as it says, and the address is the page', async ({ page, own, people }) => {
  await setUp(page, own.setupLink);
  await awake(page);
  await page.goto('/figures');
  await awake(page);
  await answered(people, '0401', 'support', '1003');
  await answered(people, '0402', 'support', '1004');
  await gaveUp(people, '0403', 'support');
  // nobody loads the page again
  await expect(figure(page, '3, Offered of support')).toBeVisible();
  await expect(figure(page, '2, Answered of support')).toBeVisible();
  await expect(figure(page, '1, Hung up at once of support')).toBeVisible();
  await expect(figure(page, '100 %, Service level of support')).toBeVisible();
  await expect(page.getByText('Days and times are those of Europe/Berlin.')).toBeVisible();
  await accessible(page);
  await page.screenshot({ path: join(output, 'figures-light-1440.png') });

  await figure(page, '3, Offered of support').click();
  await expect(page).toHaveURL(/\?figure=offered&of=queue%3A\d+%2Fsupport$/);
  await expect(proof(page).getByRole('heading', { name: 'Offered' })).toBeVisible();
  await expect(proof(page)).toContainText('2 + 0 + 1 + 0 + 0 + 0 + 0 + 0 + 0 + 0 = 3');
  await expect(proof(page).getByText('3 calls, the newest first.')).toBeVisible();
  await expect(proof(page).getByRole('listitem').filter({ hasText: 'Waited' })).toHaveCount(3);
  await expect(proof(page).getByRole('listitem').filter({ hasText: '0403' })).toContainText('Hung up');
  await expect(proof(page).getByRole('heading', { name: 'What Asterisk counts' })).toBeVisible();
  await accessible(page);

  // while it is open, another caller comes
  await answered(people, '0404', 'support', '1006');
  await expect(proof(page).getByText('4 calls, the newest first.')).toBeVisible();
  await expect(figure(page, '4, Offered of support')).toBeVisible();

  await page.reload();
  await awake(page);
  await expect(proof(page).getByText('4 calls, the newest first.')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(proof(page)).toBeHidden();
  await expect(page).toHaveURL(/\/figures$/);

  // by keyboard along the row
  await figure(page, '4, Offered of support').focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  await expect(proof(page).getByRole('heading', { name: 'Service level' })).toBeVisible();
  await expect(proof(page)).toContainText('3 ÷ (4 − 1 − 0) = 100 %');
  const levels = proof(page).getByRole('region', { name: 'Five definitions' });
  for (const text of ['3 ÷ 4', '3 ÷ 3', '(3 + 1) ÷ (3 + 1)', 'nobody waits']) await expect(levels).toContainText(text);
  await expect(proof(page).getByRole('region', { name: 'Counted by' })).toContainText('in time within 20 s, at once under 5 s');
  await accessible(page);
  await page.screenshot({ path: join(output, 'figures-proof-light-1440.png') });
  await page.emulateMedia({ colorScheme: 'dark' });
  await accessible(page);
  await page.screenshot({ path: join(output, 'figures-proof-dark-1440.png') });
  await page.setViewportSize({ width: 390, height: 844 });
  await accessible(page);
  await page.screenshot({ path: join(output, 'figures-proof-dark-390.png') });
  await page.emulateMedia({ colorScheme: 'light' });
  await proof(page).getByRole('link', { name: 'Close' }).click();
  await accessible(page);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  await page.screenshot({ path: join(output, 'figures-light-390.png') });
});

company('agents, teams, hours and days are a click apart, and days are those of the calendar', async ({ page, own, people }) => {
  await setUp(page, own.setupLink);
  await page.goto('/figures');
  await awake(page);
  await answered(people, '0401', 'support', '1003');
  await expect(figure(page, '1, Offered of support')).toBeVisible();
  const split = page.getByRole('navigation', { name: 'A row for each' });
  await split.getByRole('link', { name: 'Agent' }).click();
  await expect(page).toHaveURL(/\?by=agent$/);
  await expect(page.getByRole('columnheader', { name: 'Occupancy' })).toBeVisible();
  await expect(page.getByRole('link', { name: /^1, Answered of / }).first()).toBeVisible();
  await page.screenshot({ path: join(output, 'figures-agents-light-1440.png') });
  await page.getByRole('link', { name: /, Rings missed of Together$/ }).click();
  await expect(proof(page).getByRole('heading', { name: 'Rings missed' })).toBeVisible();

  await split.getByRole('link', { name: 'Hour' }).click();
  await expect(page.getByRole('img', { name: /Callers for each hour/ })).toBeVisible();
  await page.screenshot({ path: join(output, 'figures-hours-light-1440.png') });
  await accessible(page);

  await page.goto('/figures?time=range&from=2026-10-25&to=2026-10-25&by=hour');
  await awake(page);
  const rows = page.getByRole('table').getByRole('rowheader');
  await expect(rows.filter({ hasText: '02:00' })).toHaveText(['02:00 UTC+2', '02:00 UTC+1']);
  await expect(rows).toHaveCount(26);
  await page.goto('/figures?time=range&from=2026-10-24&to=2026-10-26&by=day');
  await awake(page);
  await expect(rows).toHaveText([/24 Oct/, /25 Oct/, /26 Oct/, 'Together']);
  await page.getByRole('link', { name: /^0, Offered of .*25 Oct/ }).click();
  await expect(page).toHaveURL(/of=day%3A2026-10-25$/);
  await expect(proof(page)).toContainText('Sunday, 25 October 2026 (Europe/Berlin)');
  await expect(proof(page).getByText('No calls.')).toBeVisible();

  await page.getByLabel('Time', { exact: true }).selectOption('Last 7 days');
  await expect(page).toHaveURL(/time=7&by=day/);
  await page.getByLabel('From', { exact: true }).fill('2024-01-01');
  await expect(page.getByText('That is more than a year')).toBeVisible();
  await page.goto('/figures?time=yesterday');
  await awake(page);
  await expect(page.getByText('Nobody called and nobody served')).toBeVisible();
  await accessible(page);
});

company('a target is set, counts from then on, and says what is wrong with it', async ({ page, own, people }) => {
  await setUp(page, own.setupLink);
  await page.goto('/queues/set-up');
  await awake(page);
  await accessible(page);
  await page.getByRole('link', { name: 'sales' }).click();
  const form = page.getByRole('region', { name: 'sales' });
  await form.getByLabel('Target, in seconds').fill('30');
  await form.getByLabel('Hung up at once, in seconds').fill('31');
  await form.getByRole('button', { name: 'Save' }).click();
  await expect(form.getByText('At most the target.')).toBeVisible();
  await expect(form.getByLabel('Hung up at once, in seconds')).toHaveAttribute('aria-invalid', 'true');
  await form.getByLabel('Hung up at once, in seconds').fill('soon');
  await form.getByRole('button', { name: 'Save' }).click();
  await expect(form.getByText('Whole seconds.')).toBeVisible();
  await accessible(page);
  await form.getByLabel('Hung up at once, in seconds').fill('0');
  await form.getByLabel('What agents can say of a call').fill('Sold\nCalls again');
  await page.screenshot({ path: join(output, 'queue-set-up-light-1440.png') });
  await form.getByRole('button', { name: 'Save' }).click();
  await expect(page).toHaveURL(/\/queues\/set-up$/);
  const row = page.getByRole('row').filter({ hasText: 'sales' });
  await expect(row).toContainText('30 s');
  await expect(row).toContainText('Sold, Calls again');

  await page.getByRole('link', { name: 'Add a reason' }).first().click();
  await page.getByLabel('Word', { exact: true }).fill('Lunch, long');
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await expect(page.getByText('without commas')).toBeVisible();
  await page.getByLabel('Word', { exact: true }).fill('Siesta');
  await page.getByLabel('Violet').check();
  await page.getByLabel('Paid time').uncheck();
  await page.getByLabel('Longest, in minutes').fill('45');
  await accessible(page);
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  const siesta = page.getByRole('row').filter({ hasText: 'Siesta' });
  await expect(siesta).toContainText('Unpaid');
  await expect(siesta).toContainText('at most 45 min');
  await page.setViewportSize({ width: 390, height: 844 });
  await accessible(page);
  await page.screenshot({ path: join(output, 'queue-set-up-light-390.png') });
  await page.setViewportSize({ width: 1440, height: 900 });

  // whoever gives up at once is now one who gave up
  await gaveUp(people, '0409', 'sales');
  await page.goto('/figures');
  await awake(page);
  await figure(page, '1, Abandoned of sales').click();
  await expect(proof(page)).toContainText('in time within 30 s, at once under 0 s');
  await expect(proof(page)).toContainText('version 2');
});

company.describe('without JavaScript', () => {
  company.use({ javaScriptEnabled: false, expectedComplaints: [/preloaded using link preload but not used/, /status of 422/] });

  company('figures and their proof are pages, what is set up are forms, and days are UTC', async ({ page, own, people }) => {
    await setUp(page, own.setupLink);
    await answered(people, '0401', 'support', '1003');
    await expect(async () => {
      await page.goto('/figures');
      await expect(figure(page, '1, Offered of support')).toBeVisible({ timeout: 500 });
    }).toPass();
    await expect(page.getByText('Days and times are those of UTC.')).toBeVisible();
    await figure(page, '1, Offered of support').click();
    await expect(proof(page).getByText('1 call, the newest first.')).toBeVisible();
    await page.goto('/figures?by=agent');
    await page.getByLabel('Time', { exact: true }).selectOption('Last 30 days');
    await page.getByRole('button', { name: 'Show' }).click();
    await expect(page).toHaveURL(/time=30.*by=agent/);
    await expect(page.getByRole('columnheader', { name: 'Occupancy' })).toBeVisible();

    await page.goto('/queues/set-up');
    await page.getByRole('link', { name: 'service' }).click();
    await page.getByLabel('Target, in seconds').fill('0');
    await page.getByLabel('Hung up at once, in seconds').fill('0');
    await page.getByRole('button', { name: 'Save' }).click();
    await expect(page.getByText('1 to 3600 seconds.')).toBeVisible();
    await page.getByLabel('Target, in seconds').fill('40');
    await page.getByRole('button', { name: 'Save' }).click();
    await expect(page.getByRole('row').filter({ hasText: 'service' })).toContainText('40 s');
  });
});
