/** Lost callers: they appear by themselves, one person is on each, and a row opens what was tried and what can be done. */

import { chooseOwnExtension } from '../../pages/profile';
import { setUp } from '../../pages/doorstep';
import { company, look, say } from '../../stage/scripted';
import { awake, expect } from '../../stage/test';

company.setTimeout(90_000);

company('lost callers appear, are claimed, given up and counted, wide and narrow, light and dark', async ({ page, own, people }) => {
  await setUp(page, own.setupLink);
  await chooseOwnExtension(page, '1004');
  await page.goto('/queues/lost?short=yes');
  await awake(page);
  await expect(page.getByText('Nobody waits to be called')).toBeVisible();
  await look(page, 'lost-nobody');
  const row = (name: string) => page.getByRole('row').filter({ hasText: name });
  const callers = [
    ['03011100001', 'support', 'Cleo Vance'],
    ['03011100002', 'sales', '<b>Über & Söhne</b> \u202eevil'],
    ['03011100003', 'support', 'Mo Sadiq'],
    ['03011100002', 'support', '<b>Über & Söhne</b> \u202eevil'],
  ];
  for (const [number, queue, name] of callers) {
    await say(people, `queue-call ${number} ${queue} ${name}`);
    await say(people, `abandon ${number}`);
  }
  await say(people, 'inbound 03011100004 1037 Ines Brandt');
  await say(people, 'hangup 03011100004');
  await expect(row('Über')).toContainText('2 calls');
  await expect(row('Ines Brandt')).toContainText('nobody answered');
  await expect(page.getByRole('link', { name: /^Lost callers/ })).toContainText('4');

  await row('Mo Sadiq').getByRole('button', { name: 'Claim', exact: true }).click();
  await expect(row('Mo Sadiq')).toContainText('Yours');
  await page.getByText('How these come about').click();
  await look(page, 'lost-light-1440');
  await row('Cleo Vance').getByRole('link').focus();
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Enter');
  const pane = page.getByRole('region', { name: 'Lost caller', exact: true });
  await expect(pane.getByRole('heading', { level: 2 })).toContainText('Über');
  await expect(pane.getByRole('listitem')).toHaveCount(2);
  await pane.getByText('Give up').first().click();
  await pane.getByLabel('Why').fill('Sells windows');
  await look(page, 'lost-pane');
  // what somebody types stays, whatever happens beside it and to this very caller
  await say(people, 'queue-call 03011100002 support <b>Über & Söhne</b> \u202eevil');
  await say(people, 'abandon 03011100002');
  await expect(pane.getByRole('listitem')).toHaveCount(3);
  await expect(pane.getByLabel('Why')).toHaveValue('Sells windows');
  await expect(pane.getByLabel('Why')).toBeFocused();
  await pane.getByRole('button', { name: 'Give up' }).click();
  await expect(pane).toContainText('Given up by');
  await page.keyboard.press('Escape');
  await expect(row('Über')).toHaveCount(0);

  await page.goto('/queues/lost?short=yes&show=all');
  await awake(page);
  await expect(row('Über')).toContainText('Sells windows');
  await page.emulateMedia({ colorScheme: 'dark' });
  await look(page, 'lost-dark-1440');
  await page.setViewportSize({ width: 390, height: 844 });
  await look(page, 'lost-dark-390');
  await page.emulateMedia({ colorScheme: 'light' });
  await page.goto('/desk');
  await awake(page);
  const card = page.getByRole('region', { name: /^Callers to return/ });
  await expect(card).toBeVisible();
  await look(page, 'lost-desk-390');
});
