/** From a click on Play to the first sound of a recording on the server's own disk: half an hour of it, heard by nobody before. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect } from '@playwright/test';

import { startScripted } from '../stage/pbx';
import { Starboard } from '../stage/server';
import { put, wav } from '../stage/sound';
import { awake } from '../stage/test';
import { test } from './ending';
import { percentile, say } from './measure';
import { live, signIn } from './visitor';

const rounds = 40;
const minutes = 30;

test('the first sound of a recording', async ({ browser, ending }) => {
  test.setTimeout(300_000);
  const folder = await mkdtemp(join(tmpdir(), 'starboard-sound-'));
  const pbx = ending(await startScripted());
  const starboard = ending(await Starboard.start({ name: 'Harbour', manager: pbx.manager, recordings: folder }));
  const context = ending(await signIn(browser, starboard));
  await live(context);
  const [, id] = (await pbx.say('call 1034 1035')).split(' ');
  for (const line of ['answer 1035', 'record 1034 on', 'hangup 1034']) {
    await expect.poll(() => pbx.say(line)).toMatch(/^ok/);
  }
  const length = minutes * 60;
  await put(join(folder, `exten-1035-1034-20261127-120000-${id}.wav`), wav(length, [[[0, length]], [[0, length]]]));

  const page = await context.newPage();
  const play = page.getByRole('region', { name: 'Recording' }).getByRole('button', { name: 'Play' });
  await expect(async () => {
    await page.goto(`/calls/history?q=${encodeURIComponent('from:1034 recorded')}`);
    await page.getByRole('table').getByRole('link').first().click({ timeout: 1_000 });
    await expect(play).toBeVisible({ timeout: 2_000 });
  }).toPass({ timeout: 60_000 });
  const address = page.url();
  const took: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    await page.goto(address);
    await awake(page);
    took.push(
      await play.evaluate(async (button: HTMLElement) => {
        const audio = document.querySelector('audio');
        if (!audio) throw new Error('there is no player');
        // it sounds when its clock moves
        const sounds = new Promise<number>((heard) => {
          const look = () => (audio.currentTime > 0 ? heard(performance.now()) : requestAnimationFrame(look));
          requestAnimationFrame(look);
        });
        const clicked = performance.now();
        button.click();
        return (await sounds) - clicked;
      }),
    );
  }
  say(`first sound of ${minutes} minutes in two channels, ms (median)`, percentile(took, 0.5).toFixed(0), '-');
  say('first sound, ms (p95)', percentile(took, 0.95).toFixed(0), '<= 300');
  await rm(folder, { recursive: true, force: true });
});
