/** Callers who gave up are called from their row, and rows close by themselves however they are reached: on a real Asterisk. */
import { chooseOwnExtension } from '../../pages/profile';
import type { Asterisk } from '../../stage/pbx';
import { awake, expect, test } from '../../stage/test';

test.setTimeout(90_000);

/** Somebody calls the queue support from outside, where nobody can be reached, and gives up. */
async function givesUp(asterisk: Asterisk, caller: string, shown: string) {
  asterisk.phone('provider', 'provider-call-and-wait', { to: '0405550100', caller, shown });
  await expect.poll(() => asterisk.cli('queue show support')).toContain('1. PJSIP/provider');
  await asterisk.hangUp('provider');
}

test('who gave up is called from the row, or calls again, and the row closes by itself', async ({ page, asterisk }) => {
  await asterisk.register('1001');
  await chooseOwnExtension(page, '1001');
  // they do not wait long here
  await page.goto('/queues/lost?short=yes');
  await awake(page);
  const row = (name: string) => page.getByRole('row').filter({ hasText: name });

  await givesUp(asterisk, '0405551077', 'Cleo Vance');
  // others of this name may have given up before
  const cleo = row('0405551077');
  await expect(cleo).toContainText('1 call support');
  await expect(cleo).toContainText('To return');
  const called = asterisk.phone('provider', 'answer', { pauseMs: 1_500 });
  asterisk.phone('1001', 'answer', { pauseMs: 3_000 });
  await cleo.getByRole('button', { name: 'Claim and call' }).click();
  await expect(cleo, 'nobody loads the page again').toHaveCount(0, { timeout: 20_000 });
  await asterisk.hangUp('1001');
  await called.ended;

  await givesUp(asterisk, '0405551078', 'Mo Sadiq');
  await expect(row('Mo Sadiq')).toContainText('To return');
  await asterisk.register('1003');
  asterisk.phone('1003', 'answer', { pauseMs: 3_000 });
  asterisk.phone('provider', 'provider-call-and-wait', { to: '0405550100', caller: '+49405551078', shown: 'Mo Sadiq' });
  await expect(row('Mo Sadiq')).toHaveCount(0, { timeout: 20_000 });

  await page.getByRole('link', { name: 'Reached', exact: true }).click();
  await expect(cleo).toContainText('Reached by Ada Lindqvist');
  await expect(row('Mo Sadiq')).toContainText('Reached by Çağla Özgür, called again in support');
  // callers of other tests are among them
  await expect(page.getByRole('link', { name: 'Recovered rate' })).toContainText(/\d %.*[2-9]\d* reached/);
});
