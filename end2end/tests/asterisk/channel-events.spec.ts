/** A call over a real Asterisk that tells what its channels do: each fact leads to the events that tell of it. */
import { setUp } from '../../pages/doorstep';
import { Starboard } from '../../stage/server';
import { accessible, expect, test } from '../../stage/test';

test.setTimeout(120_000);

test('what happened on a call is told by the events of its channels', async ({ asterisk, visitor }) => {
  await asterisk.register('1001', '1002');
  const starboard = await Starboard.start({ name: 'Harbour', manager: asterisk.manager });
  try {
    const page = await (await visitor({ baseURL: starboard.url })).newPage();
    await setUp(page, starboard.setupLink);
    asterisk.phone('1002', 'answer', { pauseMs: 1_000 });
    await asterisk.phone('1001', 'call', { to: '1002', pauseMs: 1_200 }).ended;
    const call = page.getByRole('region', { name: 'Call', exact: true });
    await expect(async () => {
      await page.goto('/calls/history?q=ext:1002');
      await page.getByRole('table').getByRole('link').first().click({ timeout: 1_000 });
      await expect(call).toContainText('What happened', { timeout: 1_000 });
    }).toPass({ timeout: 30_000 });
    const facts = call.getByRole('list').filter({ hasText: 'answers' }).getByRole('listitem');
    const answers = facts.filter({ hasText: 'answers' });
    await answers.getByText(/^\d events?$/).click();
    await expect(answers).toContainText(/ANSWER PJSIP\/1002-/);
    const calls = facts.filter({ hasText: ' calls 1002' });
    await calls.getByText(/^\d events?$/).click();
    await expect(calls).toContainText(/CHAN_START PJSIP\/1001-/);
    await accessible(page);
    await page.screenshot({ path: 'output/channel-events-light-1440.png', fullPage: true });
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.setViewportSize({ width: 390, height: 844 });
    await page.screenshot({ path: 'output/channel-events-dark-390.png', fullPage: true });
    await call.getByText('Technical details').click();
    await expect(call).toContainText(/CHAN_END PJSIP\/1001-/);
    await page.close();
  } finally {
    await starboard.end();
  }
});
