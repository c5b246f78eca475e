/** Recording a call that is up: by its menu, in its pane, on the desk; seen by everybody, and in the trail. */
import { setUp } from '../../pages/doorstep';
import { chooseOwnExtension } from '../../pages/profile';
import { Switchboard } from '../../pages/switchboard';
import { company as scripted, look, say } from '../../stage/scripted';
import { Starboard } from '../../stage/server';
import { expect } from '../../stage/test';

const company = scripted.extend<object>({
  own: async ({ people }, use) => {
    const own = await Starboard.start({ name: 'Harbour', manager: { ...people.manager, username: 'recorder' } });
    await use(own);
    await own.end();
  },
});
company.setTimeout(90_000);

company('a call is recorded by hand, with a pause, from its menu, its pane and the desk', async ({ page, own, people }) => {
  await setUp(page, own.setupLink);
  await chooseOwnExtension(page, '1034');
  await say(people, 'call 1034 1035');
  await say(people, 'answer 1035');
  const board = await Switchboard.open(page);
  const row = board.call('Talking');
  await expect(row).toHaveCount(1);

  await row.getByRole('link').first().focus();
  await page.keyboard.press('m');
  await page.getByRole('menuitem', { name: 'Record' }).click();
  await expect(row.getByText('Recording', { exact: true })).toBeVisible();
  await row.getByRole('link').first().click();
  const pane = page.getByRole('complementary', { name: 'Call' });
  await pane.getByRole('button', { name: 'Pause recording' }).click();
  await expect(row.getByText('Recording paused')).toBeVisible();
  await expect(pane.getByRole('button', { name: 'Resume recording' })).toBeVisible();
  await look(page, 'recorder-pane-light');
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.setViewportSize({ width: 390, height: 844 });
  await look(page, 'recorder-pane-dark-narrow');

  await page.goto('/desk');
  const mine = page.getByRole('region', { name: 'My call' });
  await expect(mine.getByText('Recording paused')).toBeVisible();
  await look(page, 'recorder-desk-dark-narrow');
  await page.setViewportSize({ width: 1440, height: 900 });
  await mine.getByRole('button', { name: 'Resume recording' }).click();
  await expect(mine.getByText('Recording', { exact: true })).toBeVisible();
  await mine.getByRole('button', { name: 'Stop recording' }).click();
  await expect(mine.getByRole('button', { name: 'Record', exact: true })).toBeVisible();
  await page.emulateMedia({ colorScheme: 'light' });
  await look(page, 'recorder-desk-light');

  await page.goto('/admin/audit');
  for (const what of ['Recording started', 'Recording paused', 'Recording resumed', 'Recording stopped']) {
    await expect(page.getByRole('table').getByRole('row').filter({ hasText: what })).toHaveCount(1);
  }
});
