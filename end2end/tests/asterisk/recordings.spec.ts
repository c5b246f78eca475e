/** A call of phones with sound, recorded by a real Asterisk: it stands with its recording, and is heard. */
import { setUp } from '../../pages/doorstep';
import { Starboard } from '../../stage/server';
import { expect, test } from '../../stage/test';

test.setTimeout(120_000);

test('what Asterisk records of a call is played from the call, with both tones in it', async ({ asterisk, visitor }) => {
  await asterisk.register('1001', '1002');
  const recordings = `${asterisk.folder}/spool/monitor`;
  const starboard = await Starboard.start({ name: 'Harbour', manager: asterisk.manager, recordings });
  try {
    const page = await (await visitor({ baseURL: starboard.url })).newPage();
    await setUp(page, starboard.setupLink);
    const [caller, callee] = [await asterisk.speak('1001', 440), await asterisk.speak('1002', 620)];
    asterisk.phone('1002', 'answer', { pauseMs: 1_000 });
    asterisk.phone('1001', 'call-and-wait', { to: '91002' });
    await expect.poll(() => [caller.hears({ callee }), callee.hears({ caller })]).toEqual([['callee'], ['caller']]);
    await asterisk.hangUp('1002');

    const recording = page.getByRole('region', { name: 'Recording' });
    const play = recording.getByRole('button', { name: 'Play' });
    await expect(async () => {
      await page.goto(`/calls/history?q=${encodeURIComponent('from:1001 recorded')}`);
      await page.getByRole('table').getByRole('link').first().click({ timeout: 1_000 });
      await expect(play).toBeVisible({ timeout: 1_000 });
    }).toPass({ timeout: 30_000 });
    await play.click();
    const place = recording.getByRole('slider');
    await expect.poll(async () => Number(await place.getAttribute('aria-valuenow'))).toBeGreaterThan(0);

    // what is played is what was said
    const tones = await page.evaluate(async () => {
      const source = document.querySelector('audio')?.currentSrc ?? '';
      const context = new OfflineAudioContext(1, 1, 8_000);
      const sound = await context.decodeAudioData(await (await fetch(source)).arrayBuffer());
      const samples = sound.getChannelData(0);
      const strength = (hertz: number) => {
        let [real, imaginary] = [0, 0];
        for (let at = 0; at < samples.length; at += 1) {
          real += samples[at] * Math.cos((2 * Math.PI * hertz * at) / 8_000);
          imaginary += samples[at] * Math.sin((2 * Math.PI * hertz * at) / 8_000);
        }
        return Math.hypot(real, imaginary) / samples.length;
      };
      return { caller: strength(440), callee: strength(620), nobody: strength(1_000) };
    });
    expect(tones.caller).toBeGreaterThan(20 * tones.nobody);
    expect(tones.callee).toBeGreaterThan(20 * tones.nobody);
    // those of calls before this server was there are of no call that it knows
    const label = await page.locator('section.recording').getAttribute('aria-label');
    const name = label?.replace('Recording ', '') ?? '';
    expect(name).toMatch(/\.wav$/);
    expect(await starboard.command('recordings', 'troubled')).not.toContain(name);
  } finally {
    await starboard.end();
  }
});
