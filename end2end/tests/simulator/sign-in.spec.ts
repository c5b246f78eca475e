/** Getting in: password, passkey, app, recovery code; what is asked again; where one is signed in. */
import { join } from 'node:path';

import { administrator, setUp, signIn } from '../../pages/doorstep';
import { code, Device, keepCodes, typeCode } from '../../pages/security';
import { output } from '../../stage/places';
import { Starboard } from '../../stage/server';
import { accessible, awake, expect, test } from '../../stage/test';

const { username, password } = administrator;

/** A Starboard of one's own, whose names passkeys know. */
async function fresh(settings: string[] = []): Promise<{ starboard: Starboard; url: string; link: string }> {
  const starboard = await Starboard.start(undefined, settings);
  const url = starboard.url.replace('127.0.0.1', 'localhost');
  return { starboard, url, link: starboard.setupLink.replace('127.0.0.1', 'localhost') };
}

test('a passkey: added, used after the password, used alone, renamed, removed', async ({ visitor }) => {
  const { starboard, url, link } = await fresh();
  const context = await visitor({ baseURL: url });
  const page = await context.newPage();
  const device = await Device.at(page);
  await setUp(page, link);
  await expect(page.getByText('It is needed in 7 days.')).toBeVisible();
  await page.getByRole('link', { name: 'Set it up' }).click();

  await test.step('added, and recovery codes come with it', async () => {
    await page.getByRole('button', { name: 'Add a passkey' }).click();
    await keepCodes(page);
    expect(await device.count()).toBe(1);
    await expect(page.getByText('It is needed in')).toHaveCount(0);
    const passkeys = page.getByRole('list', { name: 'Passkeys' });
    await expect(passkeys.getByText('Chrome on Linux')).toBeVisible();
    await expect(passkeys.getByText('not used yet')).toBeVisible();
  });

  await test.step('after the password', async () => {
    await context.clearCookies();
    await signIn(page, username, password);
    await expect(page.getByRole('heading', { name: 'One more step' })).toBeVisible();
    await page.getByRole('button', { name: 'Use a passkey' }).click();
    await awake(page);
  });

  await test.step('alone, and it leads to where one wanted to go', async () => {
    await context.clearCookies();
    await page.goto('/me/security');
    await expect(page).toHaveURL(/sign-in\?next/);
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await expect(page).toHaveURL(/\/me\/security$/);
    await expect(page.getByText('used just now')).toBeVisible();
  });

  await test.step('with somebody else’s finger it opens nothing', async () => {
    await device.finger(false);
    await context.clearCookies();
    await page.goto('/sign-in');
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await expect(page.getByText(/No passkey was used/)).toBeVisible();
    await device.finger(true);
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await awake(page);
  });

  await test.step('renamed, a second one added, the first one removed', async () => {
    await page.goto('/me/security');
    await awake(page);
    const passkeys = page.getByRole('list', { name: 'Passkeys' });
    await page.getByLabel('Change the passkey Chrome on Linux').click();
    await page.getByLabel('Name of the passkey Chrome on Linux').fill('Laptop');
    await page.getByRole('button', { name: 'Rename' }).click();
    await expect(page.getByText('The passkey has its new name.')).toBeVisible();
    await expect(passkeys.getByText('Laptop')).toBeVisible();
    // an app as well, so that the passkey may go
    await page.getByRole('button', { name: 'Set up an app' }).click();
    await page.getByText('No camera?').click();
    await typeCode(page, 'Type the code that it shows', await page.locator('code').innerText());
    await page.getByRole('button', { name: 'Use this app' }).click();
    await expect(page.getByRole('button', { name: 'Remove the app' })).toBeVisible();
    await awake(page);
    await page.getByLabel('Change the passkey Laptop').click();
    await page.getByRole('button', { name: 'Remove the passkey Laptop' }).click();
    await expect(page.getByText('The passkey Laptop was removed.')).toBeVisible();
    await expect(passkeys).toBeHidden();
  });
  await context.close();
  await starboard.end();
});

test.describe('codes', () => {
  // a browser says itself that a form was refused
  test.use({ expectedComplaints: [/status of 4\d\d .*\/api\/(second_code|add_app)/] });
  test.setTimeout(120_000);

  test('an app lets in with each code once, a recovery code once for all', async ({ visitor }) => {
    const { starboard, url, link } = await fresh();
    const context = await visitor({ baseURL: url });
    const page = await context.newPage();
    await setUp(page, link);
    await page.goto('/me/security');
    await page.getByRole('button', { name: 'Set up an app' }).click();
    await expect(page.getByRole('img', { name: 'QR code for your authenticator app' })).toBeVisible();
    await page.getByText('No camera?').click();
    const secret = await page.locator('code').innerText();
    const first = await typeCode(page, 'Type the code that it shows', secret);
    await page.getByRole('button', { name: 'Use this app' }).click();
    const codes = await keepCodes(page);

    await test.step('the code that was used to set it up lets nobody in', async () => {
      await context.clearCookies();
      await signIn(page, username, password);
      await page.getByLabel('Code').fill(code(secret, first * 30_000));
      await page.getByRole('button', { name: 'Go on' }).click();
      await expect(page.getByText(/used already|just run out/)).toBeVisible();
      await expect(page.getByLabel('Code')).toHaveAttribute('aria-invalid', 'true');
    });
    await test.step('the next one does', async () => {
      await typeCode(page, 'Code', secret, first);
      await page.getByLabel('Code').press('Enter');
      await awake(page);
    });
    await test.step('a recovery code does, and says how many are left', async () => {
      await context.clearCookies();
      await signIn(page, username, password);
      await page.getByLabel('Code').fill(codes[0]);
      await page.getByLabel('Code').press('Enter');
      await expect(page.getByText('You came in with a recovery code. 9 are left.')).toBeVisible();
    });
    await test.step('the same one does not do it again', async () => {
      await context.clearCookies();
      await signIn(page, username, password);
      await page.getByLabel('Code').fill(codes[0]);
      await page.getByLabel('Code').press('Enter');
      await expect(page.getByText('This code is not right.')).toBeVisible();
    });
    await context.close();
    await starboard.end();
  });
});

test.describe('without JavaScript', () => {
  test.use({ expectedComplaints: [/preloaded using link preload but not used/] });
  test.setTimeout(120_000);

  test('an app is set up and a recovery code lets in', async ({ visitor }) => {
    const { starboard, url, link } = await fresh();
    const context = await visitor({ baseURL: url, javaScriptEnabled: false });
    const page = await context.newPage();
    await setUp(page, link);
    await page.goto('/me/security');
    await page.getByRole('button', { name: 'Set up an app' }).click();
    await page.getByText('No camera?').click();
    await typeCode(page, 'Type the code that it shows', await page.locator('code').innerText());
    await page.getByRole('button', { name: 'Use this app' }).click();
    const codes = await keepCodes(page);
    await context.clearCookies();
    await page.goto('/me');
    await page.getByLabel('User name').fill(username);
    await page.getByLabel('Password', { exact: true }).fill(password);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByLabel('Code').fill('not a code');
    await page.getByRole('button', { name: 'Go on' }).click();
    await expect(page.getByText('This code is not right.')).toBeVisible();
    await expect(async () => {
      await page.getByLabel('Code').fill(codes[4].toUpperCase());
      await page.getByRole('button', { name: 'Go on' }).click();
      await expect(page).toHaveURL(/\/me$/, { timeout: 1_000 });
    }, 'after a second of waiting').toPass();
    await context.close();
    await starboard.end();
  });
});

test('after the days of grace the way in leads to setting a factor up', async ({ visitor }) => {
  const { starboard, url, link } = await fresh(['second_factor_grace_days = 0']);
  const context = await visitor({ baseURL: url });
  const page = await context.newPage();
  await Device.at(page);
  await setUp(page, link);
  await context.clearCookies();
  await signIn(page, username, password);
  await expect(page.getByRole('heading', { name: 'Protect your account' })).toBeVisible();
  await accessible(page);
  await page.goto('/');
  await expect(page, 'nothing else is open').toHaveURL(/\/sign-in/);
  await signIn(page, username, password);
  await page.getByRole('button', { name: 'Set up an authenticator app' }).click();
  await expect(page.getByRole('img', { name: 'QR code for your authenticator app' })).toBeVisible();
  await page.getByRole('button', { name: 'Set up a passkey' }).click();
  await keepCodes(page);
  await page.goto('/');
  await awake(page);
  await context.close();
  await starboard.end();
});

test.describe('asked again', () => {
  test.use({ expectedComplaints: [/status of 4\d\d .*\/api\/(renew_codes|begin_app|ask_new_passkey|confirm|change_password)/] });

  test('something sensitive asks in place who one is, and is then done', async ({ visitor }) => {
    const { starboard, url, link } = await fresh(['confirm_again_s = 8']);
    const context = await visitor({ baseURL: url });
    const page = await context.newPage();
    await Device.at(page);
    await setUp(page, link);
    await page.goto('/me/security');
    await page.getByRole('button', { name: 'Add a passkey' }).click();
    const before = await keepCodes(page);
    const panel = page.getByRole('form', { name: 'Confirm that it is you' });
    const asked = (button: string) =>
      expect(async () => {
        await page.goto('/me/security');
        await awake(page);
        await page.getByRole('button', { name: button }).click();
        await expect(panel, 'after some seconds it is asked again').toBeVisible({ timeout: 2_000 });
      }).toPass();

    await asked('Make new ones');
    await expect(panel.getByLabel('Your password')).toBeFocused();
    await accessible(page);
    await panel.getByLabel('Your password').fill('not the password at all');
    await panel.getByRole('button', { name: 'Confirm' }).click();
    await expect(panel.getByText('This is not your password.')).toBeVisible();
    await expect(async () => {
      await panel.getByRole('button', { name: 'Use a passkey' }).click();
      await expect(page.getByRole('heading', { name: 'Recovery codes', level: 1 })).toBeVisible({ timeout: 1_500 });
    }, 'after a second of waiting').toPass();
    expect(await keepCodes(page)).not.toEqual(before);

    await asked('Set up an app');
    await panel.getByLabel('Your password').fill(password);
    await panel.getByLabel('Your password').press('Enter');
    await expect(page.getByRole('heading', { name: 'Authenticator app', level: 1 })).toBeVisible();
    await context.close();
    await starboard.end();
  });
});

test('sessions: seen, ended from afar, and a new password ends the rest', async ({ visitor }) => {
  const { starboard, url, link } = await fresh();
  const here = await visitor({ baseURL: url });
  const page = await here.newPage();
  await setUp(page, link);
  const elsewhere = await visitor({ baseURL: url, userAgent: 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1' });
  const other = await elsewhere.newPage();
  await signIn(other, username, password);
  await awake(other);

  await page.goto('/me/security');
  await awake(page);
  const sessions = page.getByRole('list', { name: 'Sessions' }).getByRole('listitem');
  await expect(sessions).toHaveCount(2);
  await expect(sessions.first()).toContainText('This session');
  await page.getByRole('button', { name: 'End the session in Safari on iPhone' }).click();
  await expect(page.getByText('The session in Safari on iPhone was ended.')).toBeVisible();
  await expect(sessions).toHaveCount(1);
  await expect(other, 'the page there is left within seconds').toHaveURL(/\/sign-in/, { timeout: 5_000 });

  await signIn(other, username, password);
  await awake(other);
  await page.getByLabel('The password you have now').fill(password);
  await page.getByLabel('New password', { exact: true }).fill('nine orange herons by the pier');
  await page.getByLabel('The new password again').fill('nine orange herons by the pier');
  await page.getByRole('button', { name: 'Change the password' }).click();
  await expect(page.getByText('Your password is changed, and your other session was ended.')).toBeVisible();
  await expect(other).toHaveURL(/\/sign-in/, { timeout: 5_000 });
  await page.goto('/');
  await expect(page.locator('.topbar .lamp')).toHaveAttribute('data-lamp', 'live');
  await here.close();
  await elsewhere.close();
  await starboard.end();
});

for (const theme of ['light', 'dark'] as const) {
  for (const width of [1440, 390]) {
    test(`how it looks: ${theme}, ${width} pixels wide`, async ({ visitor }) => {
      const { starboard, url, link } = await fresh();
      const context = await visitor({ baseURL: url, colorScheme: theme, viewport: { width, height: width > 900 ? 900 : 844 } });
      const page = await context.newPage();
      await Device.at(page);
      const look = async (name: string) => {
        await page.screenshot({ path: join(output, `${name}-${theme}-${width}.png`), animations: 'disabled', fullPage: true });
        await accessible(page);
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        expect(overflow, 'nothing sticks out to the side').toBeLessThanOrEqual(0);
      };
      await setUp(page, link);
      await page.goto('/me/security');
      await expect(page.getByRole('heading', { name: 'Second factor' })).toBeVisible();
      await look('security-grace');
      await page.getByRole('button', { name: 'Add a passkey' }).click();
      await expect(page.getByRole('list', { name: 'Your recovery codes' })).toBeVisible();
      await look('codes');
      await keepCodes(page);
      await page.getByLabel('Change the passkey Chrome on Linux').click();
      await look('security');
      await page.getByRole('button', { name: 'Set up an app' }).click();
      await page.getByText('No camera?').click();
      await look('app');
      await context.clearCookies();
      await page.goto('/sign-in');
      await expect(page.getByRole('button', { name: 'Sign in with a passkey' })).toBeVisible();
      await look('sign-in-passkey');
      await signIn(page, username, password);
      await expect(page.getByRole('heading', { name: 'One more step' })).toBeVisible();
      await look('second');
      await context.close();
      await starboard.end();
    });
  }
}
