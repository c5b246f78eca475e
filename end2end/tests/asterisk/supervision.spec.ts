/** Supervisors on calls of others, with real sound: who hears whom, and when it ends. */
import type { Page } from '@playwright/test';

import { chooseOwnExtension } from '../../pages/profile';
import { Switchboard } from '../../pages/switchboard';
import type { Asterisk } from '../../stage/pbx';
import { accessible, awake, expect, test } from '../../stage/test';
import type { Voice } from '../../stage/voice';

test.setTimeout(120_000);

/** A member that is no phone but a way to one. */
const member = 'Local/1002@from-internal/n';
const password = 'seven grey herons at dawn';

type Voices = Record<'caller' | 'agent' | 'supervisor' | 'stranger' | 'other', Voice>;

test.beforeEach(async ({ page, asterisk }) => {
  await asterisk.register('1001', '1002', '1006', '1010', '1011');
  await asterisk.cli(`queue add member ${member} to support penalty 0 as Bela state_interface PJSIP/1002`);
  await chooseOwnExtension(page, '1010');
});

test.afterEach(({ asterisk }) => asterisk.cli(`queue remove member ${member} from support`).then(() => undefined));

/** Ada waits in a queue and is answered by Bela; two others talk meanwhile. */
async function calls(page: Page, asterisk: Asterisk): Promise<{ board: Switchboard; voices: Voices }> {
  const voices = {
    caller: await asterisk.speak('1001', 440),
    agent: await asterisk.speak('1002', 620),
    supervisor: await asterisk.speak('1010', 880),
    stranger: await asterisk.speak('1005', 1_300),
    other: await asterisk.speak('1006', 1_800),
  };
  const board = await Switchboard.open(page);
  asterisk.phone('1006', 'answer', { pauseMs: 1_000 });
  asterisk.phone('1005', 'call-and-wait', { to: '601' });
  asterisk.phone('1002', 'answer', { pauseMs: 1_000 });
  asterisk.phone('1001', 'call-and-wait', { to: '600' });
  await expect(board.call('Ada Lindqvist', 'Bela Novák')).toContainText('Talking');
  await expect.poll(() => voices.other.hears(voices)).toEqual(['stranger']);
  await expect.poll(() => voices.agent.hears(voices)).toEqual(['caller']);
  await board.call('Ada Lindqvist').getByRole('link').first().click();
  return { board, voices };
}

/** What can be done about her. */
const bela = (page: Page) =>
  page.getByRole('region', { name: 'Supervision' }).getByRole('group', { name: 'Supervise Bela Novák' });

/** Who hears whom. */
function ears(voices: Voices) {
  return Object.fromEntries(Object.entries(voices).map(([name, voice]) => [name, voice.hears(voices)]));
}

test('a supervisor hears the phone that was chosen and no other, and is heard by whom the button says', async ({ page, asterisk }) => {
  const { board, voices } = await calls(page, asterisk);
  const supervision = page.getByRole('region', { name: 'Supervision' });
  const elsewhere = { stranger: ['other'], other: ['stranger'] };

  // the phone stays, and is called anew for every way
  asterisk.phone('1010', 'answer', { pauseMs: 200, calls: 3 });
  await bela(page).getByRole('button', { name: 'Listen in' }).click();
  await expect(supervision).toContainText('You listen in');
  await expect
    .poll(() => ears(voices))
    .toEqual({ caller: ['agent'], agent: ['caller'], supervisor: ['agent', 'caller'], ...elsewhere });
  await accessible(page);

  await bela(page).getByRole('button', { name: 'Whisper' }).click();
  await expect(supervision).toContainText('You whisper');
  await expect
    .poll(() => ears(voices))
    .toEqual({ caller: ['agent'], agent: ['caller', 'supervisor'], supervisor: ['agent', 'caller'], ...elsewhere });

  await bela(page).getByRole('button', { name: 'Join' }).click();
  await supervision.getByRole('group', { name: 'Are you sure?' }).getByRole('button', { name: 'Join' }).click();
  await expect(supervision).toContainText('You have joined');
  await expect
    .poll(() => ears(voices))
    .toEqual({
      caller: ['agent', 'supervisor'],
      agent: ['caller', 'supervisor'],
      supervisor: ['agent', 'caller'],
      ...elsewhere,
    });

  await supervision.getByRole('button', { name: 'Stop' }).click();
  await expect(supervision).not.toContainText('You have joined');
  await board.sees('1010', 'Idle');
  await expect.poll(() => voices.agent.hears(voices)).toEqual(['caller']);
});

test('who takes over has the caller, and the agent is free', async ({ page, asterisk }) => {
  const { board, voices } = await calls(page, asterisk);
  const supervision = page.getByRole('region', { name: 'Supervision' });
  const begin = async () => {
    await bela(page).getByRole('button', { name: 'Take over' }).click();
    await supervision.getByRole('group', { name: 'Are you sure?' }).getByRole('button', { name: 'Take over' }).click();
  };
  // a phone that nobody picks up changes nothing
  const ringing = asterisk.phone('1010', 'ring');
  await begin();
  await board.sees('1010', 'Ringing');
  expect(voices.agent.hears(voices)).toEqual(['caller']);
  await supervision.getByRole('button', { name: 'Stop' }).click();
  await board.sees('1010', 'Idle');
  await ringing.end('SIGKILL');
  await asterisk.register('1010');
  expect(voices.agent.hears(voices)).toEqual(['caller']);

  asterisk.phone('1010', 'answer', { pauseMs: 200 });
  await begin();
  await board.sees('1002', 'Idle');
  await expect(board.call('Ada Lindqvist', 'Jonas Weber')).toContainText('Talking');
  await expect.poll(() => voices.caller.hears(voices)).toEqual(['supervisor']);
  await expect.poll(() => voices.supervisor.hears(voices)).toEqual(['caller']);
});

test('two listen to one call; who loses the right is hung up, and the end of the call ends the other', async ({
  page,
  asterisk,
  visitor,
  starboard,
}) => {
  await page.goto('/admin/teams/new');
  await awake(page);
  await page.getByLabel('Name', { exact: true }).fill('Floor');
  await page.getByLabel('Name', { exact: true }).press('Enter');
  await expect(page.getByRole('row').filter({ hasText: 'Floor' })).toBeVisible();
  await page.goto('/admin/users/import');
  await awake(page);
  const people = ['bela,Bela Novák,agent,Floor,1002', 'sam,Sam Hill,supervisor,Floor,1011'];
  await page.getByLabel('Or paste its lines').fill(['username,name,role,teams,extensions', ...people].join('\n'));
  await page.getByRole('button', { name: 'Try it' }).click();
  await page.getByRole('button', { name: 'Import', exact: true }).click();
  const comeAboard = async (at: number) => {
    const link = await page.getByLabel('One-time link').nth(at).inputValue();
    const theirs = await (await visitor({ baseURL: starboard.url })).newPage();
    await theirs.goto(link);
    await theirs.getByLabel('Password', { exact: true }).fill(password);
    await theirs.getByLabel('The password again').fill(password);
    await theirs.getByRole('button', { name: 'Come aboard' }).click();
    await awake(theirs);
    return theirs;
  };
  const belas = await comeAboard(0);
  const sams = await comeAboard(1);

  const { board, voices } = await calls(page, asterisk);
  const second = await asterisk.speak('1011', 2_400);
  // Bela asks for help from her call; Sam goes straight to it
  const hers = await Switchboard.open(belas);
  await hers.call('Ada Lindqvist').getByRole('link').first().click();
  await belas.getByLabel('What it is about, if you like').fill('A refund');
  await belas.getByRole('button', { name: 'Ask for help' }).click();
  await expect(belas.getByText('You asked for help; your supervisors see it')).toBeVisible();
  await sams.mouse.move(200, 200);
  const help = sams.getByRole('region', { name: 'Help wanted' });
  await expect(help).toContainText('A refund');
  await accessible(sams);
  asterisk.phone('1011', 'answer', { pauseMs: 200 });
  await help.getByRole('button', { name: 'Listen in' }).click();
  await expect.poll(() => second.hears(voices)).toEqual(['agent', 'caller']);
  await expect(belas.getByText('Sam Hill is on it')).toBeVisible();

  const supervision = page.getByRole('region', { name: 'Supervision' });
  await expect(supervision).toContainText('Sam Hill listens in');
  asterisk.phone('1010', 'answer', { pauseMs: 200 });
  await bela(page).getByRole('button', { name: 'Listen in' }).click();
  await expect.poll(() => voices.supervisor.hears(voices)).toEqual(['agent', 'caller']);

  // Sam closes the page and keeps the phone; then the right goes
  await sams.close();
  const admin = await page.context().newPage();
  await admin.goto('/admin/users');
  await awake(admin);
  await admin.getByRole('link', { name: 'Sam Hill' }).click();
  await admin.getByRole('button', { name: 'Disable' }).click();
  await board.sees('1011', 'Idle');
  await admin.close();
  await expect.poll(() => second.hears(voices)).toEqual([]);
  expect(voices.supervisor.hears(voices), 'the other one goes on').toEqual(['agent', 'caller']);

  await asterisk.hangUp('1001');
  await board.sees('1010', 'Idle');
  expect(await asterisk.cli('core show channels concise')).not.toContain('ChanSpy');
});
