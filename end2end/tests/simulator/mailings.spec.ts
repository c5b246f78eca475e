/** Reports as files, and by mail: set up on the page, sent by a real mail server, ended again. */
import { readFile } from 'node:fs/promises';

import { setUp } from '../../pages/doorstep';
import { MailServer } from '../../stage/mail';
import { company as scripted, look, say } from '../../stage/scripted';
import { Starboard } from '../../stage/server';
import { awake, expect } from '../../stage/test';

const company = scripted.extend<{ mail: MailServer }>({
  mail: async ({}, use) => {
    const mail = await MailServer.start();
    await use(mail);
    await mail.end();
  },
  own: async ({ people, mail }, use) => {
    const settings = ['[mail]', 'host = "127.0.0.1"', `port = ${mail.port}`, 'security = "none"', 'from = "Starboard <starboard@example.org>"'];
    const own = await Starboard.start({ name: 'Harbour', manager: people.manager }, settings);
    await use(own);
    await own.end();
  },
  // a browser notes by itself what a server refuses
  expectedComplaints: async ({}, use) => {
    await use([/status of 422/]);
  },
});

company('a report is taken as a file, set up to come by mail, sent and ended', async ({ page, own, people, mail }) => {
  await setUp(page, own.setupLink);
  for (const [number, name] of [['03011100003', 'Ines Brandt'], ['03011100004', 'Cleo Vance']]) {
    await say(people, `inbound ${number} 1036 ${name}`);
    await say(people, 'answer 1036');
    await say(people, `hangup ${number}`);
  }
  await expect(async () => {
    await page.goto('/calls/reports?by=agent&time=today');
    await expect(page.getByRole('list', { name: 'All calls together' }).getByRole('link', { name: /^Calls 2 / })).toBeVisible({ timeout: 1_000 });
  }).toPass();
  await awake(page);
  for (const [kind, begins] of [['PDF', '%PDF'], ['Excel', 'PK'], ['CSV', 'what,calls']]) {
    const download = page.waitForEvent('download');
    await page.getByRole('link', { name: kind, exact: true }).click();
    const file = await (await download).path();
    expect((await readFile(file)).toString('latin1').startsWith(begins), kind).toBe(true);
  }

  const section = page.getByRole('region', { name: 'By mail' });
  await section.getByLabel('To').fill('boss@example.com');
  await section.getByRole('button', { name: 'Begin' }).click();
  await expect(section.getByRole('alert')).toContainText('boss@example.com is outside of example.org');
  await section.getByLabel('To').fill('boss@example.org');
  await section.getByLabel('Send this report').selectOption('week');
  await section.getByRole('button', { name: 'Begin' }).click();
  const row = section.getByRole('row').filter({ hasText: 'boss@example.org' });
  await expect(row).toContainText('Calls for each agent');
  await expect(row).toContainText('None yet');
  await row.getByRole('button', { name: /^Send now/ }).click();
  await expect.poll(async () => (await mail.mails()).length).toBe(1);
  const [sent] = await mail.mails();
  expect(sent).toMatch(/^boss@example\.org\r\n/);
  expect(sent).toMatch(/^Subject: Calls for each agent/m);
  expect(sent).toContain('starboard-report-agent-');
  await expect(row.getByRole('time')).toBeVisible();
  await look(page, 'mailings-light-1440');
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.setViewportSize({ width: 390, height: 844 });
  await look(page, 'mailings-dark-390');
  await row.getByRole('button', { name: /^End/ }).click();
  await expect(row).toHaveCount(0);
});
