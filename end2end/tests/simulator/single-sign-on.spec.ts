/** Signing in with a provider: out to its own page and back, with a script and without. */
import { join } from 'node:path';

import type { BrowserContext, BrowserContextOptions, Page } from '@playwright/test';

import { setUp } from '../../pages/doorstep';
import { output } from '../../stage/places';
import { freePort, Provider } from '../../stage/provider';
import { Starboard } from '../../stage/server';
import { accessible, expect, test } from '../../stage/test';

const accounts = {
  grace: { name: 'Grace Hopper', groups: ['desk'] },
  nina: { name: 'Nina Simone', groups: ['others'] },
};

interface Place {
  starboard: Starboard;
  provider: Provider;
}

async function open(): Promise<Place> {
  const port = await freePort();
  const starboard = await Starboard.start(undefined, [
    '[[oidc]]',
    'name = "Office"',
    `issuer = "http://127.0.0.1:${port}"`,
    'client_id = "starboard"',
    'client_secret = "quiet harbour"',
    'roles = { desk = "agent" }',
  ]);
  const provider = await Provider.start(port, starboard.url, accounts);
  return { starboard, provider };
}

async function close({ starboard, provider }: Place): Promise<void> {
  await provider.end();
  await starboard.end();
}

/** A browser of somebody; the provider's page asks another host for letters, which do not matter here. */
async function browser(
  visitor: (options: BrowserContextOptions) => Promise<BrowserContext>,
  options: BrowserContextOptions,
): Promise<BrowserContext> {
  const context = await visitor(options);
  await context.route(/^https:/, (route) => route.fulfill({ contentType: 'text/css', body: '' }));
  return context;
}

/** From our sign-in page over the provider's own, whose words are not ours. */
async function signIn(page: Page, username: string): Promise<void> {
  await page.getByRole('link', { name: 'Sign in with Office' }).click();
  await page.locator('input[name=login]').fill(username);
  await page.locator('input[name=password]').fill('any');
  await page.locator('button[type=submit]').click();
}

// the provider's page has no icon
test.use({ expectedComplaints: [/favicon/] });

test('somebody comes in by the provider, and an administrator sees how', async ({ visitor }) => {
  const place = await open();
  const { starboard } = place;
  const office = await visitor({ baseURL: starboard.url });
  const administrator = await office.newPage();
  await setUp(administrator, starboard.setupLink);

  const context = await browser(visitor, { baseURL: starboard.url });
  const page = await context.newPage();
  await page.goto('/me');
  await accessible(page);
  await page.screenshot({ path: join(output, 'single-sign-on.png') });
  await signIn(page, 'grace');
  await expect(page, 'it leads to where one wanted to go').toHaveURL(/\/me$/);
  await expect(page.getByLabel('Name shown')).toHaveValue('Grace Hopper');

  await administrator.goto('/admin/users');
  await administrator.getByRole('link', { name: 'Grace Hopper' }).click();
  await expect(administrator.getByText('Signs in with')).toBeVisible();
  await expect(administrator.getByText('Office', { exact: true })).toBeVisible();
  await expect(administrator.getByRole('button', { name: /new password/ })).toHaveCount(0);

  await context.close();
  await office.close();
  await close(place);
});

test('who has no role here is told so on the sign-in page', async ({ visitor }) => {
  const place = await open();
  const office = await visitor({ baseURL: place.starboard.url });
  await setUp(await office.newPage(), place.starboard.setupLink);
  const context = await browser(visitor, { baseURL: place.starboard.url });
  const page = await context.newPage();
  await page.goto('/sign-in');
  await signIn(page, 'nina');
  await expect(page.getByRole('alert')).toContainText('none of your groups has a role');
  await accessible(page);
  await page.screenshot({ path: join(output, 'single-sign-on-refused.png') });
  await context.close();
  await office.close();
  await close(place);
});

test('it works without JavaScript', async ({ visitor }) => {
  const place = await open();
  const office = await visitor({ baseURL: place.starboard.url });
  await setUp(await office.newPage(), place.starboard.setupLink);
  const context = await browser(visitor, { baseURL: place.starboard.url, javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto('/me');
  await signIn(page, 'grace');
  await expect(page).toHaveURL(/\/me$/);
  await expect(page.getByLabel('Name shown')).toHaveValue('Grace Hopper');
  await context.close();
  await office.close();
  await close(place);
});
