/** What supervisors do on the page of queues is done by a real Asterisk. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Locator, Page } from '@playwright/test';

import type { Asterisk } from '../../stage/pbx';
import { awake, expect, test } from '../../stage/test';

test.setTimeout(90_000);

interface Desk {
  line: Locator;
  agents: Locator;
  agent(name: string): Locator;
  caller(name: string): Locator;
  notice(text: string | RegExp): Locator;
}

async function open(page: Page, queue = 'support'): Promise<Desk> {
  await page.goto(`/queues/1/${queue}`);
  await awake(page);
  const line = page.getByRole('region', { name: 'Callers' });
  const agents = page.getByRole('region', { name: 'Agents' });
  return {
    line,
    agents,
    agent: (name) => agents.getByRole('listitem').filter({ hasText: name }),
    caller: (name) => line.getByRole('listitem').filter({ hasText: name }),
    notice: (text) => page.locator('.notice').filter({ hasText: text }),
  };
}

/** Ada waits in support. */
async function oneWaits(page: Page, asterisk: Asterisk): Promise<Desk> {
  const desk = await open(page);
  asterisk.phone('1001', 'call-and-wait', { to: '600' });
  await expect(desk.caller('Ada Lindqvist')).toBeVisible();
  return desk;
}

/** She is given to 1010. */
async function give(page: Page, desk: Desk) {
  await desk.caller('Ada Lindqvist').getByRole('link').press('g');
  await page.getByLabel('Name or number').fill('1010');
  await page.keyboard.press('Enter');
}

/** Ada, Bela and Inês wait in support; nobody there can be reached. */
async function threeWait(page: Page, asterisk: Asterisk): Promise<Desk> {
  const desk = await open(page);
  for (const [at, phone] of ['1001', '1002', '1009'].entries()) {
    asterisk.phone(phone, 'call-and-wait', { to: '600' });
    await expect(desk.line.getByRole('listitem')).toHaveCount(at + 1);
  }
  return desk;
}

/** Who waits, as Asterisk has them. */
async function inAsterisk(asterisk: Asterisk): Promise<string[]> {
  const shown = await asterisk.cli('queue show support');
  return [...shown.matchAll(/\d+\. PJSIP\/(\d+)-/g)].map(([, phone]) => phone);
}

const queueLog = (asterisk: Asterisk) => readFile(join(asterisk.folder, 'log/queue_log'), 'utf8');

test('a caller is moved to the front, in Asterisk and on the page', async ({ page, asterisk }) => {
  const desk = await threeWait(page, asterisk);
  await desk.caller('Inês Carvalho').getByRole('link').press('f');
  await expect(desk.line.getByRole('listitem').first()).toContainText('Inês Carvalho');
  await expect(desk.caller('Inês Carvalho')).toContainText('priority 1');
  expect(await inAsterisk(asterisk)).toEqual(['1009', '1001', '1002']);
  // the next one gets above that
  await desk.caller('Bela Novák').hover();
  await desk.caller('Bela Novák').getByRole('button', { name: 'To the front' }).click();
  await expect(desk.line.getByRole('listitem').first()).toContainText('Bela Novák');
  expect(await inAsterisk(asterisk)).toEqual(['1002', '1009', '1001']);
});

test('a caller is taken out when that was confirmed, and the call goes on in the dialplan', async ({ page, asterisk }) => {
  const desk = await threeWait(page, asterisk);
  await desk.caller('Ada Lindqvist').getByRole('link').press('x');
  const sure = page.getByRole('region', { name: 'Are you sure?' });
  await expect(sure).toContainText('Ada Lindqvist waits in support no more');
  await sure.getByRole('button', { name: 'Take out' }).click();
  // Asterisk lets go of a caller once the phones that ring for them were given up
  await expect(desk.caller('Ada Lindqvist')).toHaveCount(0, { timeout: 30_000 });
  await expect(desk.line.getByRole('listitem')).toHaveCount(2);
  await expect.poll(() => queueLog(asterisk)).toContain('|WITHDRAW|');
});

test('a caller who is given to somebody keeps the place until they answer', async ({ page, asterisk }) => {
  await asterisk.register('1010', '1003');
  const desk = await open(page);
  // an agent is rung by the queue meanwhile
  asterisk.phone('1003', 'ring');
  asterisk.phone('1001', 'call-and-wait', { to: '600' });
  await expect(desk.caller('Ada Lindqvist')).toBeVisible();
  asterisk.phone('1010', 'answer', { pauseMs: 3_000 });
  await give(page, desk);
  await expect(desk.caller('Ada Lindqvist'), 'everybody sees for whom she waits').toContainText('rings Jonas Weber');
  await expect(desk.line.getByRole('listitem'), 'and answered, she is out').toHaveCount(0);
  await page.goto('/');
  const talk = page.getByRole('listitem').filter({ hasText: 'Ada Lindqvist' }).filter({ hasText: 'Jonas Weber' });
  await expect(talk.first()).toContainText('Talking');
});

test('a caller who is given in vain waits on as before', async ({ page, asterisk }) => {
  await asterisk.register('1010');
  const desk = await oneWaits(page, asterisk);
  asterisk.phone('1010', 'busy');
  await give(page, desk);
  await expect(desk.notice('Asked the PBX to ring 1010')).toBeVisible();
  await expect(desk.caller('Ada Lindqvist')).not.toContainText('rings');
  expect(await inAsterisk(asterisk)).toEqual(['1001']);
});

test('a phone that rings for a caller stops when the caller hangs up', async ({ page, asterisk }) => {
  await asterisk.register('1010');
  const desk = await oneWaits(page, asterisk);
  asterisk.phone('1010', 'ring');
  await give(page, desk);
  await expect(desk.caller('Ada Lindqvist')).toContainText('rings Jonas Weber');
  await asterisk.hangUp('1001');
  await expect(desk.line.getByRole('listitem')).toHaveCount(0);
  await expect.poll(() => asterisk.cli('core show channels count')).toContain('0 active channels');
});

test('two supervisors on one caller: the second one is told', async ({ page, asterisk, visitor, signedIn, starboard }) => {
  await asterisk.register('1010', '1011');
  const desk = await open(page);
  asterisk.phone('1001', 'call-and-wait', { to: '600' });
  const other = await (await visitor({ baseURL: starboard.url, storageState: signedIn })).newPage();
  const theirs = await open(other);
  await expect(theirs.caller('Ada Lindqvist')).toBeVisible();
  await expect(desk.caller('Ada Lindqvist')).toBeVisible();
  await theirs.caller('Ada Lindqvist').getByRole('link').press('g');
  await other.getByLabel('Name or number').fill('1011');
  asterisk.phone('1010', 'ring');
  await give(page, desk);
  await expect(desk.caller('Ada Lindqvist')).toContainText('rings Jonas Weber');
  await other.keyboard.press('Enter');
  await expect(theirs.notice('this caller is being given to Jonas Weber already: their phone rings')).toBeVisible();
});

test('who serves is added, paused, paused for another reason, weighed and taken out', async ({ page, asterisk }) => {
  await asterisk.register('1009');
  const desk = await open(page);
  await desk.agents.getByRole('button', { name: 'Add an agent' }).click();
  await page.getByLabel('Name or number').fill('1009');
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await expect(desk.agent('Inês Carvalho')).toContainText('idle');
  const row = desk.agent('Inês Carvalho').getByRole('group');

  await row.press('r');
  await page.getByRole('textbox', { name: 'Reason' }).fill('Lunch');
  await page.getByRole('region', { name: /^Pause/ }).getByRole('button', { name: 'Pause', exact: true }).click();
  await expect(desk.agent('Inês Carvalho')).toContainText('Lunch');
  await row.press('r');
  await page.getByRole('textbox', { name: 'Reason' }).fill('Training');
  await page.getByRole('region', { name: /^Pause/ }).getByRole('button', { name: 'Pause', exact: true }).click();
  await expect(desk.agent('Inês Carvalho')).toContainText('Training');
  expect(await asterisk.cli('queue show support')).toMatch(/Inês Carvalho.*paused:Training/);
  await row.press('p');
  await expect(desk.agent('Inês Carvalho')).toContainText('idle');

  await row.press('m');
  await page.getByRole('menuitem', { name: 'Penalty…' }).press('Enter');
  await page.getByLabel('Penalty', { exact: true }).fill('4');
  await page.keyboard.press('Enter');
  await expect(desk.agent('Inês Carvalho')).toContainText('penalty 4');

  await row.press('x');
  await page.getByRole('button', { name: 'Out of the queue' }).click();
  await expect(desk.agent('Inês Carvalho')).toHaveCount(0);
  // one of the configuration is not offered to be taken out
  await desk.agent('Dmitri Sokolov').getByRole('group').press('m');
  await expect(page.getByRole('menuitem', { name: 'Pause…' })).toBeVisible();
  await expect(page.getByRole('menuitem', { name: 'Out of the queue' })).toHaveCount(0);
});

test('a pause while the phone rings, and one taken out in the middle of a call, end no call', async ({ page, asterisk }) => {
  await asterisk.register('1009');
  const desk = await open(page);
  await desk.agents.getByRole('button', { name: 'Add an agent' }).click();
  await page.getByLabel('Name or number').fill('1009');
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await expect(desk.agent('Inês Carvalho')).toContainText('idle');
  asterisk.phone('1009', 'answer', { pauseMs: 4_000 });
  asterisk.phone('1001', 'call-and-wait', { to: '600' });
  await expect(desk.agent('Inês Carvalho')).toContainText('ringing');
  const row = desk.agent('Inês Carvalho').getByRole('group');
  await row.press('r');
  await page.getByRole('textbox', { name: 'Reason' }).fill('Door');
  await page.getByRole('region', { name: /^Pause/ }).getByRole('button', { name: 'Pause', exact: true }).click();
  await expect(desk.agent('Inês Carvalho')).toContainText('Door');
  await expect(desk.agent('Inês Carvalho'), 'the call that rang is taken').toContainText('on a call');
  await row.press('x');
  await page.getByRole('button', { name: 'Out of the queue' }).click();
  await expect(desk.agent('Inês Carvalho')).toHaveCount(0);
  expect(await asterisk.cli('core show channels count'), 'the talk goes on').toContain('2 active channels');
});

test('members that are Local channels are added, named and paused as what they are', async ({ page, asterisk }) => {
  await asterisk.register('1007', '1009');
  await asterisk.cli('queue add member Local/1007@from-internal/n to support penalty 0 as "Giulia Marchetti" state_interface hint:1007@from-internal');
  const desk = await open(page);
  await expect(desk.agent('Giulia Marchetti')).toContainText('idle');
  await desk.agents.getByRole('button', { name: 'Add an agent' }).click();
  await page.getByLabel('Name or number').fill('1009');
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await expect(desk.agent('Inês Carvalho')).toContainText('idle');
  const shown = await asterisk.cli('queue show support');
  expect(shown, 'in the way of the one who was there').toContain('Local/1009@from-internal/n from hint:1009@from-internal');
  for (const member of ['Local/1007@from-internal/n', 'Local/1009@from-internal/n']) {
    await asterisk.cli(`queue remove member ${member} from support`);
  }
  await expect(desk.agent('Inês Carvalho')).toHaveCount(0);
});

test('a reload in the middle of a call takes nobody off the page', async ({ page, asterisk }) => {
  await asterisk.register('1003');
  const desk = await open(page);
  asterisk.phone('1003', 'answer', { pauseMs: 300 });
  asterisk.phone('1001', 'call-and-wait', { to: '600' });
  await expect(desk.agent('Çağla Özgür')).toContainText('talking');
  asterisk.phone('1002', 'call-and-wait', { to: '600' });
  await expect(desk.caller('Bela Novák')).toBeVisible();
  await asterisk.cli('queue reload all');
  await expect(desk.agent('Çağla Özgür')).toContainText('talking');
  await expect(desk.caller('Bela Novák')).toBeVisible();
  expect(await inAsterisk(asterisk)).toEqual(['1002']);
});

test('a caller dragged onto an agent is given to them, or it is said why not', async ({ page, asterisk }) => {
  await asterisk.register('1003');
  const desk = await oneWaits(page, asterisk);
  await desk.caller('Ada Lindqvist').dragTo(desk.agent('Dmitri Sokolov'));
  await expect(desk.notice('the phone of extension 1004 cannot be reached')).toBeVisible();
  await expect(desk.caller('Ada Lindqvist')).toBeVisible();
});

test('a restart of the PBX with callers waiting leaves none of them on the page, nor a pause', async ({ page, asterisk }) => {
  const desk = await threeWait(page, asterisk);
  await asterisk.cli('queue pause member PJSIP/1003 queue support reason Lunch');
  await expect(desk.agent('Çağla Özgür')).toContainText('Lunch');
  await asterisk.stop();
  await expect(page.getByText(/is cut off/)).toBeVisible();
  await asterisk.startAgain();
  await awake(page);
  await expect(desk.line.getByRole('listitem')).toHaveCount(0);
  await expect(desk.agents.getByRole('listitem')).toHaveCount(2);
  await expect(desk.agent('Çağla Özgür'), 'Asterisk forgets pauses').not.toContainText('Lunch');
});
