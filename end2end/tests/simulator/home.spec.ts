/** Home: what happens now, how the day goes, whose queues, and how the system does; nobody loads it again. */
import { setUp } from '../../pages/doorstep';
import { company as scripted, look, say } from '../../stage/scripted';
import { awake, expect } from '../../stage/test';

const company = scripted.extend({ timezoneId: 'Europe/Berlin', locale: 'en-GB' });
company.setTimeout(90_000);

company('home follows the day by itself, leads to everything it says, and tells why something is not well', async ({ page, own, people }) => {
  await setUp(page, own.setupLink);
  await page.goto('/home');
  await awake(page);
  const now = page.getByRole('list', { name: 'At this moment' });
  const system = page.getByRole('region', { name: 'System' });
  await expect(now.getByRole('link', { name: /^Calls now 0/ })).toBeVisible();
  await expect(system.getByRole('listitem').filter({ hasText: /^Database/ })).toContainText('It takes and gives');
  await expect(system.getByRole('listitem').filter({ hasText: 'Harbour' })).toContainText('Its calls are seen');
  await look(page, 'home-nothing');

  await say(people, 'queue-call 03011100001 support Cleo Vance');
  await expect(now.getByRole('link', { name: /^Calls now 1/ })).toBeVisible();
  await expect(now.getByRole('link', { name: /^Waiting 1 the first for/ })).toBeVisible();
  await say(people, 'abandon 03011100001');
  await say(people, 'inbound 03011100003 1036 Ines Brandt');
  await say(people, 'answer 1036');
  await say(people, 'hangup 03011100003');
  const today = page.getByRole('list', { name: 'All calls together' });
  await expect(today.getByRole('link', { name: /^Calls 2 / }), 'nobody loads the page again').toBeVisible({ timeout: 15_000 });
  await expect(page.getByRole('img', { name: 'Calls for each hour' }).locator('svg')).toBeVisible();
  await say(people, 'queue-call 03011100004 sales Bela Novák');
  await expect(now.getByRole('link', { name: /^Waiting 1/ })).toBeVisible();
  await look(page, 'home-light-1440');
  await page.emulateMedia({ colorScheme: 'dark' });
  await look(page, 'home-dark-1440');
  await page.setViewportSize({ width: 390, height: 844 });
  await look(page, 'home-dark-390');
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize({ width: 1440, height: 900 });

  await page.getByRole('link', { name: 'Today', exact: true }).click();
  await expect(page).toHaveURL(/\/calls\/reports\?time=today&by=hour&than=week$/);
  await expect(page.getByRole('img', { name: 'Calls for each hour' })).toBeVisible();
  await page.getByRole('navigation', { name: 'Drawn' }).getByRole('link', { name: 'Talked on average' }).click();
  await page.getByRole('navigation', { name: 'Against' }).getByRole('link', { name: 'the day before' }).click();
  await expect(page).toHaveURL(/measure=average&than=day$/);
  await expect(page.getByRole('img', { name: 'Calls for each hour: talked on average, s' })).toBeVisible();
  await expect(page.getByRole('columnheader', { name: 'ACD before' })).toBeVisible();
  await look(page, 'reports-measure-1440');
  await page.setViewportSize({ width: 390, height: 844 });
  await look(page, 'reports-measure-390');
  await page.setViewportSize({ width: 1440, height: 900 });

  await page.goto('/home');
  await awake(page);
  await people.end();
  await expect(system.getByText('Something does not work.')).toBeVisible({ timeout: 20_000 });
  const office = system.getByRole('listitem').first();
  await expect(office, 'what needs a person moves up').toContainText('Harbour');
  await expect(office).toContainText('last seen');
  await look(page, 'home-broken');
});
