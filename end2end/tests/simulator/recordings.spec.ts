/** Recordings: with their call by themselves, played, gone through by pointer and keys, and told where something is the matter. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Locator, Page } from '@playwright/test';

import { setUp } from '../../pages/doorstep';
import type { Scripted } from '../../stage/pbx';
import { company as scripted, look, say } from '../../stage/scripted';
import { Starboard } from '../../stage/server';
import { put, wav } from '../../stage/sound';
import { awake, expect } from '../../stage/test';

const company = scripted.extend<{ folder: string }>({
  folder: async ({}, use) => {
    const folder = await mkdtemp(join(tmpdir(), 'starboard-recordings-'));
    await use(folder);
    await rm(folder, { recursive: true, force: true });
  },
  own: async ({ people, folder }, use) => {
    const own = await Starboard.start({ name: 'Harbour', manager: people.manager, recordings: folder });
    await use(own);
    await own.end();
  },
});
company.setTimeout(90_000);
// a link that was used up
company.use({ expectedComplaints: [/status of 404/] });

/** Two of ours talk and are recorded; the name of the file, as front ends of Asterisk make it. */
async function talk(people: Scripted, from: string, to: string): Promise<string> {
  const [, id] = (await people.say(`call ${from} ${to}`)).split(' ');
  await say(people, `answer ${to}`);
  await say(people, `record ${from} on`);
  await say(people, `hangup ${from}`);
  return `exten-${to}-${from}-20261127-120000-${id}.wav`;
}

/** Opens the call of somebody, with its recording. */
async function opened(page: Page, from: string): Promise<Locator> {
  const row = page.getByRole('table').getByRole('link').first();
  const recording = page.getByRole('region', { name: 'Recording' });
  await expect(async () => {
    await page.goto(`/calls/history?q=${encodeURIComponent(`from:${from} recorded`)}`);
    // what plays is there when the page is
    await awake(page);
    await row.click({ timeout: 1_000 });
    await expect(recording).toBeVisible({ timeout: 2_000 });
    await expect(recording).not.toContainText('still being written', { timeout: 1 });
  }).toPass();
  return recording;
}

company('a recording is played, gone through by pointer and keys, and told once in the trail', async ({ page, own, people, folder }) => {
  await setUp(page, own.setupLink);
  const spoken: [number, number][][] = [[[0, 8], [30, 39]], [[8, 14], [39, 46]]];
  const file = await talk(people, '1034', '1035');
  await put(join(folder, '2026/11/27', file), wav(48, spoken));
  const recording = await opened(page, '1034');
  const place = recording.getByRole('slider', { name: 'Place in the recording' });
  const now = async () => Number(await place.getAttribute('aria-valuenow'));
  await expect(place).toHaveAttribute('aria-valuetext', '0:00 of 0:48');
  await expect(place.locator('path')).toHaveCount(4);

  await recording.getByRole('button', { name: 'Play' }).click();
  await expect(recording.getByRole('button', { name: 'Pause' })).toBeVisible();
  await expect.poll(now).toBeGreaterThan(0);
  await recording.getByRole('button', { name: 'Pause' }).click();
  await expect(recording.getByRole('button', { name: 'Play' })).toBeVisible();

  await place.focus();
  for (const [key, at] of [['Home', 0], ['ArrowRight', 5], ['ArrowRight', 10], ['ArrowLeft', 5], ['PageUp', 35], ['End', 48], ['Home', 0]] as const) {
    await page.keyboard.press(key);
    await expect(place).toHaveAttribute('aria-valuenow', String(at));
  }
  const box = await place.boundingBox();
  if (!box) throw new Error('the drawing is not there');
  await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
  await expect(place).toHaveAttribute('aria-valuetext', '0:24 of 0:48');

  // nobody speaks there: it goes on where somebody does, at twice the speed
  await recording.getByLabel('Skip silence').check();
  await recording.getByLabel('Speed').selectOption('2');
  await place.focus();
  await page.keyboard.press(' ');
  await expect.poll(now).toBeGreaterThanOrEqual(29);
  expect(await page.locator('audio').evaluate((audio: HTMLAudioElement) => audio.playbackRate)).toBe(2);
  await page.keyboard.press(' ');
  await expect(recording.getByRole('button', { name: 'Play' })).toBeVisible();

  await recording.getByText('About the file').click();
  await recording.getByRole('button', { name: 'Is it still the same?' }).click();
  await expect(recording.getByRole('status')).toContainText('byte for byte');
  const [copy] = await Promise.all([page.waitForEvent('download'), recording.getByRole('link', { name: 'Take a copy' }).click()]);
  expect(copy.suggestedFilename()).toBe(file);
  const [opus] = await Promise.all([page.waitForEvent('download'), recording.getByRole('link', { name: 'As Opus' }).click()]);
  expect(opus.suggestedFilename()).toBe(file.replace(/wav$/, 'opus'));
  const small = await readFile(await opus.path());
  expect(small.subarray(0, 4).toString()).toBe('OggS');
  await page.getByText('Hold', { exact: true }).first().click();
  await page.getByLabel('Why').fill('Claim 4711');
  await page.getByRole('button', { name: 'Hold', exact: true }).click();
  await expect(page.getByText(/Held since .* by Robin Harbour: Claim 4711/)).toBeVisible();
  await look(page, 'recording-light');
  await page.emulateMedia({ colorScheme: 'dark' });
  await look(page, 'recording-dark');
  await page.setViewportSize({ width: 390, height: 844 });
  await recording.scrollIntoViewIfNeeded();
  await look(page, 'recording-dark-narrow');
  await page.emulateMedia({ colorScheme: 'light' });
  await look(page, 'recording-light-narrow');

  await page.setViewportSize({ width: 1440, height: 900 });
  await page.goto('/admin/audit');
  const entries = page.getByRole('table').getByRole('row');
  await expect(entries.filter({ hasText: 'Recording heard' })).toHaveCount(1);
  await expect(entries.filter({ hasText: 'Recording copied' })).toHaveCount(2);
});

company('what is the matter with a recording is said where it would be played', async ({ page, own, people, folder }) => {
  await setUp(page, own.setupLink);
  const whole = wav(4, [[[0, 4]]]);
  await put(join(folder, await talk(people, '1034', '1035')), whole.subarray(0, 20_000));
  await put(join(folder, await talk(people, '1036', '1037')), Buffer.alloc(0));
  const cut = await opened(page, '1034');
  await expect(cut).toContainText('Its end is missing.');
  await cut.getByRole('button', { name: 'Play' }).click();
  await expect(cut.getByRole('slider')).toHaveAttribute('aria-valuenow', '1');
  await look(page, 'recording-cut');
  const loose = join(folder, 'loose.wav');
  await put(loose, whole);
  const nothing = await opened(page, '1036');
  await expect(nothing).toContainText('There is nothing in it.');
  await expect(nothing.getByRole('button', { name: 'Play' })).toHaveCount(0);
  await look(page, 'recording-nothing');

  await expect(async () => {
    await page.goto('/calls/history');
    await page.getByRole('link', { name: 'Recordings to look at' }).click();
    await expect(page.getByRole('listitem').filter({ hasText: 'loose.wav' }).first()).toContainText('Of no call that is known', { timeout: 2_000 });
  }).toPass();
  await expect(page.getByRole('region', { name: 'Recording' })).toHaveCount(3);
  await look(page, 'recordings-troubled');
  await page.setViewportSize({ width: 390, height: 844 });
  await look(page, 'recordings-troubled-narrow');
});

company('what is said of a moment is a mark in the drawing, leads there, and is taken back by its writer', async ({ page, own, people, folder }) => {
  await setUp(page, own.setupLink);
  await put(join(folder, await talk(people, '1034', '1035')), wav(48, [[[0, 8], [30, 39]]]));
  const recording = await opened(page, '1034');
  const place = recording.getByRole('slider', { name: 'Place in the recording' });
  const comments = recording.getByRole('region', { name: 'Comments' });
  await place.focus();
  await page.keyboard.press('PageUp');
  await page.keyboard.press('c');
  await expect(comments.getByLabel('Comment at 0:30')).toBeFocused();
  await page.keyboard.type('Asks for the <b>blue</b> one');
  await page.keyboard.press('Enter');
  await expect(comments.getByRole('listitem')).toContainText('Asks for the <b>blue</b> one');
  await place.focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowRight');
  await comments.getByLabel('Comment at 0:05').fill('Says who she is');
  await page.keyboard.press('Enter');
  await expect(comments.getByRole('listitem')).toHaveCount(2);
  await expect(comments.getByRole('listitem').first()).toContainText('Says who she is');
  await expect(place.locator('.player-mark')).toHaveCount(2);
  await comments.getByRole('button', { name: 'Go to 0:30' }).click();
  await expect(place).toHaveAttribute('aria-valuetext', '0:30 of 0:48');
  await look(page, 'recording-comments-light');
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.setViewportSize({ width: 390, height: 844 });
  await recording.scrollIntoViewIfNeeded();
  await look(page, 'recording-comments-dark-narrow');

  await comments.getByRole('listitem').first().getByRole('button', { name: 'Remove this comment' }).click();
  await expect(comments.getByRole('listitem')).toHaveCount(1);
  await page.reload();
  await expect(comments.getByRole('listitem')).toContainText('Asks for the');
});

company('a recording is passed on by a link, heard without an account as often as was said, and revoked', async ({ page, own, people, folder, visitor }) => {
  await setUp(page, own.setupLink);
  await put(join(folder, await talk(people, '1034', '1035')), wav(4, [[[0, 4]]]));
  const recording = await opened(page, '1034');
  await recording.getByText('Pass it on').click();
  await recording.getByLabel('What for').fill('For the <b>insurance</b>');
  await recording.getByLabel('Times at most').fill('1');
  await recording.getByRole('button', { name: 'Make a link' }).click();
  const link = await recording.getByLabel('The link, shown this once').inputValue();
  const links = recording.getByRole('list', { name: 'Links' }).getByRole('listitem');
  await expect(links).toHaveCount(1);
  await expect(links).toContainText('heard 0 of 1 times');
  await look(page, 'recording-sharing-light');
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.setViewportSize({ width: 390, height: 844 });
  await recording.getByRole('button', { name: 'Make a link' }).scrollIntoViewIfNeeded();
  await look(page, 'recording-sharing-dark-narrow');

  const stranger = await (await visitor({})).newPage();
  await stranger.goto(link);
  await expect(stranger.getByText('For the <b>insurance</b>')).toBeVisible();
  await look(stranger, 'heard-by-link');
  const heard = await stranger.evaluate(async () => {
    const audio = document.querySelector('audio');
    if (!audio) return 0;
    await audio.play();
    await new Promise((resolve) => audio.addEventListener('timeupdate', resolve, { once: true }));
    return audio.duration;
  });
  expect(Math.round(heard)).toBe(4);
  const again = await stranger.goto(link);
  expect(again?.status()).toBe(404);
  await expect(stranger.getByText('This link is not good, or not any more.')).toBeVisible();

  await recording.getByLabel('What for').fill('For the auditor');
  await recording.getByLabel('Times at most').fill('');
  await recording.getByRole('button', { name: 'Make a link' }).click();
  await expect(links).toHaveCount(2);
  await expect(links.last()).toContainText('heard 1 of 1 times');
  await links.first().getByRole('button', { name: 'Revoke' }).click();
  await expect(links.first()).toContainText('over');
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.goto('/admin/audit');
  const entries = page.getByRole('table').getByRole('row');
  for (const [what, times] of [['Recording shared', 2], ['Recording heard by a link', 1], ['Link revoked', 1]] as const) {
    await expect(entries.filter({ hasText: what })).toHaveCount(times);
  }
});
