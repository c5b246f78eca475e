/** A call out to a provider that takes its time, over a real Asterisk: how fast it was put through and how it sounded. */
import { setUp } from '../../pages/doorstep';
import { Starboard } from '../../stage/server';
import { expect, test } from '../../stage/test';

test.setTimeout(120_000);

test('a call tells how long its trunk needed and how it sounded, as Asterisk itself counts', async ({ asterisk, visitor }) => {
  await asterisk.register('1001');
  const starboard = await Starboard.start({ name: 'Harbour', manager: asterisk.manager });
  try {
    const page = await (await visitor({ baseURL: starboard.url })).newPage();
    await setUp(page, starboard.setupLink);
    for (const [who, hertz] of [['1001', 440], ['provider', 620]] as const) await asterisk.speak(who, hertz);
    asterisk.phone('provider', 'answer-late', { pauseMs: 1_400 });
    asterisk.phone('1001', 'call-and-wait', { to: '80004930555' });
    // what Asterisk measured of it, in milliseconds
    const channel = async () => /PJSIP\/1001-\w+/.exec(await asterisk.cli('core show channels concise'))?.[0];
    const counted = async () => {
      const told = await asterisk.cli(`core show channel ${await channel()}`);
      return Number(/^RINGTIME_MS=(\d+)/m.exec(told)?.[1] ?? 0);
    };
    await expect.poll(counted).toBeGreaterThanOrEqual(1_400);
    const ringMs = await counted();
    // a report (RTCP) every five seconds is what the score is made of
    const reports = async () => (await asterisk.cli('pjsip show channelstats')).match(/1001\S*\s+\S+\s+\S+\s+(\d+)/)?.[1] ?? '0';
    await expect.poll(async () => Number(await reports()), { timeout: 20_000 }).toBeGreaterThan(300);
    await asterisk.hangUp('1001');

    const call = page.getByRole('region', { name: 'Call', exact: true });
    await expect(async () => {
      await page.goto(`/calls/history?q=${encodeURIComponent('trunk:provider')}`);
      await page.getByRole('table').getByRole('link').first().click({ timeout: 1_000 });
      await expect(call).toContainText('Post-dial delay', { timeout: 1_000 });
    }).toPass({ timeout: 30_000 });
    const seconds = Number(/Post-dial delay\s*([\d.]+) s/.exec(await call.innerText())?.[1]);
    expect(Math.abs(seconds * 1_000 - ringMs)).toBeLessThanOrEqual(150);
    await expect(call).toContainText(/Voice \(MES\)\s*8\d\.\d, good/);

    await page.goto('/calls/reports?by=trunk&measure=delay&time=today');
    await expect(page.getByRole('row', { name: /provider/ })).toContainText(seconds.toFixed(1));
    await page.screenshot({ path: 'output/report-delay-light-1440.png', fullPage: true });
    await page.setViewportSize({ width: 390, height: 844 });
    await page.screenshot({ path: 'output/report-delay-light-390.png', fullPage: true });
    await page.close();
  } finally {
    await starboard.end();
  }
});
