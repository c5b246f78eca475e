/** Asterisk's own records beside the calls: the classes, the filters, both sides of one; the address is the page. */
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { setUp } from '../../pages/doorstep';
import { company, look, say } from '../../stage/scripted';
import { awake, expect } from '../../stage/test';

company.setTimeout(90_000);

/** A record as cdr_csv writes it: `from` calls `to` so many seconds before now. */
function line(number: number, beforeS: number, from: string, to: string, came: string, known?: string): string {
  const at = (seconds: number) => new Date(Date.now() + seconds * 1000).toISOString().slice(0, 19).replace('T', ' ');
  const id = known ?? `${Math.floor(Date.now() / 1000) - beforeS}.${number}`;
  const talked = came === 'ANSWERED';
  const columns = ['', from, to, 'from-internal', `"<b>Über & Söhne</b>" <${from}>`, `PJSIP/${from}-0000000${number}`, `PJSIP/${to}-1000000${number}`];
  columns.push('Dial', `PJSIP/${to},20,tT`, at(-beforeS), talked ? at(4 - beforeS) : '', at(30 - beforeS), '30', talked ? '26' : '0');
  columns.push(came, 'DOCUMENTATION', id, '', '', id, String(number));
  return `${columns.map((text) => `"${text.replaceAll('"', '""')}"`).join(',')}\n`;
}

company('records are held against calls, filtered, and shown beside them, wide and narrow, light and dark', async ({ page, own, people }) => {
  await setUp(page, own.setupLink);
  await page.goto('/calls/records');
  await awake(page);
  await expect(page.getByText("Asterisk's own records are not read yet")).toBeVisible();
  await look(page, 'records-nothing');

  await say(people, 'call 1034 1035');
  await say(people, 'answer 1035');
  await say(people, 'hangup 1034');
  // the name that Asterisk has for the call that was seen
  await expect(async () => {
    await page.goto('/calls/history');
    await expect(page.getByText('1 call', { exact: true })).toBeVisible({ timeout: 1_000 });
  }).toPass();
  await page.getByRole('table').getByRole('link').first().click();
  const technical = page.getByRole('region', { name: 'Call', exact: true }).locator('.technical pre');
  const [, seen] = (await technical.textContent())?.match(/^call (\S+)/) ?? [];
  const file = join(dirname(own.database), 'Master.csv');
  const lines = [line(3, 30, '1034', '1035', 'ANSWERED', seen), line(1, 7_200, '1036', '1037', 'ANSWERED'), line(2, 7_000, '1037', '1036', 'BUSY'), 'no record\n'];
  await writeFile(file, lines.join(''));
  await own.command('cdr', 'source', file, '--pbx', 'Harbour', '--zone', 'UTC', '--every', 'never');
  await own.command('cdr', 'sync');
  await expect
    .poll(async () => JSON.parse(await own.command('cdr', 'check', '--json')) as object)
    .toMatchObject({ matched: 1, repaired: 2, only_here: 0, only_there: 0 });

  await page.goto('/calls/history');
  await awake(page);
  await expect(page.getByText('3 calls')).toBeVisible();
  await page.getByRole('link', { name: 'Call records' }).click();
  const table = page.getByRole('table');
  await expect(table.getByRole('row')).toHaveCount(4);
  await expect(page.getByText('one line of it not understood')).toBeVisible();
  await look(page, 'records-light-1440');

  await page.getByRole('link', { name: /^Repaired 2/ }).click();
  await expect(page).toHaveURL(/show=repaired/);
  await expect(table.getByRole('row')).toHaveCount(3);
  await expect(table).not.toContainText('Matched');
  await table.getByRole('link').last().click();
  await expect(page).toHaveURL(/row=\d+/);
  const pane = page.getByRole('region', { name: 'Records', exact: true });
  await expect(pane).toContainText('What Asterisk recorded: 1 record');
  await expect(pane).toContainText('ANSWERED');
  await expect(pane).toContainText('<b>Über & Söhne</b>');
  await look(page, 'records-open-light-1440');

  await page.emulateMedia({ colorScheme: 'dark' });
  await page.reload();
  await awake(page);
  await expect(pane).toContainText('ANSWERED');
  await look(page, 'records-open-dark-1440');
  await page.setViewportSize({ width: 390, height: 844 });
  await look(page, 'records-open-dark-390');
  await page.getByRole('link', { name: 'Close the pane' }).click();
  await expect(table.getByRole('row')).toHaveCount(3);
  await look(page, 'records-dark-390');

  await page.getByLabel('Time').selectOption('yesterday');
  await expect(page).toHaveURL(/time=yesterday/);
  await page.emulateMedia({ colorScheme: 'light' });
  await page.goto('/calls/records?show=only_there');
  await expect(page.getByText('Nothing fits')).toBeVisible();
  await page.getByRole('link', { name: 'All of them' }).click();
  await expect(table.getByRole('row')).toHaveCount(4);
  await table.getByRole('link').first().click();
  await pane.getByRole('link', { name: 'Open the call' }).click();
  await expect(page).toHaveURL(/calls\/history\?call=\d+/);
});
