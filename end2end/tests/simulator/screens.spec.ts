/** Every page and what opens above it, in both themes and at two widths: complete, accessible, quiet, kept as a picture. */
import { join } from 'node:path';

import type { APIRequestContext, Page } from '@playwright/test';

import { administrator, setUp } from '../../pages/doorstep';
import { Switchboard } from '../../pages/switchboard';
import { output } from '../../stage/places';
import { Starboard } from '../../stage/server';
import { accessible, awake, expect, test } from '../../stage/test';

const pages = [
  { name: 'switchboard', path: '/', heading: /^People/ },
  { name: 'extensions', path: '/extensions', heading: /Extensions/ },
  { name: 'queues', path: '/queues', heading: /^Queues/ },
  { name: 'alarms', path: '/alarms', heading: 'Alarms' },
  { name: 'connections', path: '/admin/pbx', heading: /PBX connections/ },
  { name: 'connection', path: '/admin/pbx/new', heading: /connection|PBX/i },
  { name: 'users', path: '/admin/users', heading: 'Users' },
  { name: 'user', path: '/admin/users/2', heading: 'Users' },
  { name: 'invite', path: '/admin/users/new', heading: 'Users' },
  { name: 'import', path: '/admin/users/import', heading: 'Users' },
  { name: 'teams', path: '/admin/teams', heading: 'Teams' },
  { name: 'team', path: '/admin/teams/1', heading: 'Teams' },
  { name: 'roles', path: '/admin/roles', heading: 'Roles' },
  { name: 'role', path: '/admin/roles/new', heading: 'Roles' },
  { name: 'audit', path: '/admin/audit', heading: /Audit trail/ },
  { name: 'audit-entry', path: '/admin/audit/2', heading: /New PBX connection/ },
  { name: 'profile', path: '/me', heading: /profile/i },
  { name: 'tokens', path: '/me/tokens', heading: /A new token/ },
  { name: 'all-tokens', path: '/admin/tokens', heading: 'Tokens' },
  { name: 'call', path: '/call?to=1002', heading: /call/i },
] as const;

/** People for the pages that list them, and a token; the same when it was done before. */
async function staff(request: APIRequestContext, url: string): Promise<void> {
  const headers = { Origin: url, Accept: '*/*' };
  // an administrator who has shown just now who they are
  const post = async (path: string, form: Record<string, string>) =>
    expect((await request.post(path, { headers, form })).ok(), path).toBe(true);
  await post('/api/sign_in', { username: administrator.username, password: administrator.password });
  const names = ['Ada Lindqvist', 'Bela Novák', 'Çağla Özgür', 'Dmitri Sokolov', 'Esther Okafor', 'Finn O’Brien', 'Giulia Marchetti'];
  const lines = names.map((name, at) => `staff${at},${name},${at === 1 ? 'supervisor' : 'agent'},Front desk,${1001 + at}`);
  await request.post('/api/save_team', { headers, form: { id: '0', name: 'Front desk', 'queues[0]': '1/service' } });
  const csv = ['username,name,role,teams,extensions', ...lines].join('\n');
  await post('/api/import_users', { csv, do_it: 'true' });
  const days = { name: 'Wall display', 'abilities[0]': 'see_calls=all', pbx: '0', networks: '192.0.2.0/24', days: '30' };
  await post('/api/make_token', days);
  await post('/api/sign_out', {});
}

for (const theme of ['light', 'dark'] as const) {
  for (const width of [1440, 390]) {
    test.describe(`${theme}, ${width} pixels wide`, () => {
      test.use({ colorScheme: theme, viewport: { width, height: width > 900 ? 900 : 844 } });
      test.setTimeout(120_000);

      /** Nothing is broken, nothing sticks out, and a picture is kept. */
      async function look(page: Page, name: string): Promise<void> {
        await page.screenshot({ path: join(output, `${name}-${theme}-${width}.png`), animations: 'disabled' });
        await accessible(page);
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        expect(overflow, 'nothing sticks out to the side').toBeLessThanOrEqual(0);
        expect(await smallestText(page), 'nothing is too small to be read').toBeGreaterThanOrEqual(12);
      }

      test('every page', async ({ page, starboard, visitor }) => {
        await staff((await visitor({ baseURL: starboard.url })).request, starboard.url);
        for (const { name, path, heading } of pages) {
          await test.step(name, async () => {
            await page.goto(path);
            await awake(page);
            await expect(page.getByRole('heading', { name: heading }).first()).toBeVisible();
            await look(page, name);
          });
        }
      });

      test('what opens above the switchboard', async ({ page }) => {
        const board = await Switchboard.open(page);
        await test.step('palette', async () => {
          await page.keyboard.press('Control+k');
          await expect(page.getByRole('dialog').getByRole('option').first()).toBeVisible();
          await look(page, 'palette');
          await page.keyboard.press('Escape');
          await expect(page.getByRole('dialog'), 'the next key is the page\'s').toBeHidden();
        });
        await test.step('keys', async () => {
          await page.keyboard.press('?');
          await expect(page.getByRole('dialog', { name: 'Keys' })).toBeVisible();
          await look(page, 'keys');
          await page.keyboard.press('Escape');
        });
        await test.step('menu of a person', async () => {
          await board.people.getByRole('group').first().press('m');
          await expect(page.getByRole('menuitem').first()).toBeFocused();
          await look(page, 'menu');
          await page.keyboard.press('Escape');
        });
        await test.step('connecting two people', async () => {
          await board.people.getByRole('group').first().press('m');
          await page.getByRole('menuitem', { name: 'Connect with…' }).press('Enter');
          await expect(page.getByRole('region', { name: 'Connect' })).toBeVisible();
          await look(page, 'connect');
          await page.keyboard.press('Escape');
        });
        await test.step('transfer', async () => {
          // the company goes on: a call may end, or its row move, at the very moment of the key
          await expect(async () => {
            await board.call('Talking').first().getByRole('link').first().press('t', { timeout: 2_000 });
            await expect(page.getByRole('region', { name: 'Transfer' })).toBeVisible({ timeout: 2_000 });
          }).toPass();
          await look(page, 'transfer');
          await page.keyboard.press('Escape');
        });
        await test.step('call pane', async () => {
          await board.calls.getByRole('listitem').first().getByRole('link').first().click();
          await expect(page).toHaveURL(/\/calls\/\d+\//);
          await expect(page.getByRole('complementary', { name: 'Call' })).toBeVisible();
          await look(page, 'pane');
          await page.keyboard.press('Escape');
          await expect(page.getByRole('complementary', { name: 'Call' }), 'a key closes it').toBeHidden();
          await expect(page, 'and the address lets go of it').toHaveURL(/\/$/);
        });
      });

      test('the doorstep', async ({ visitor }) => {
        const fresh = await Starboard.start();
        const page = await (await visitor({ baseURL: fresh.url, colorScheme: theme, viewport: { width, height: 844 } })).newPage();
        await page.goto('/sign-in');
        await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
        await look(page, 'sign-in');
        await page.goto(fresh.setupLink);
        await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
        await look(page, 'setup');
        await setUp(page, fresh.setupLink);
        await look(page, 'first-run');
        await page.context().close();
        await fresh.end();
      });
    });
  }
}

/** The size of the smallest text that can be seen, in pixels. */
async function smallestText(page: Page): Promise<number> {
  return page.evaluate(() => {
    const hasText = (element: Element) => [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim());
    const seen = [...document.querySelectorAll('body *')].filter((element) => hasText(element) && element.checkVisibility());
    return Math.min(...seen.map((element) => Number.parseFloat(getComputedStyle(element).fontSize)));
  });
}
