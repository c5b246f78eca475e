/** The first minute with Starboard: the one-time link, the first administrator, in and out. */
import { administrator, setUp, signIn, signOut } from '../../pages/doorstep';
import { accessible, expect, test } from '../../stage/test';
import { Starboard } from '../../stage/server';

test.describe('a Starboard that nobody has used', () => {
  // nobody is signed in, and its own server is there for one test alone
  test.use({ storageState: { cookies: [], origins: [] } });

  test('the printed link makes the first administrator once, and then leads nowhere', async ({ visitor }) => {
    const fresh = await Starboard.start();
    const context = await visitor({ baseURL: fresh.url });
    const page = await context.newPage();

    await page.goto('/');
    await expect(page, 'a stranger is sent to the sign-in').toHaveURL(/\/sign-in/);
    await expect(page.getByText('There is no administrator yet')).toBeVisible();
    await accessible(page);

    await page.goto(fresh.setupLink);
    await accessible(page);
    await setUp(page, fresh.setupLink);

    const second = await visitor({ baseURL: fresh.url });
    const later = await second.newPage();
    await later.goto(fresh.setupLink);
    await expect(later.getByText('Starboard is set up already')).toBeVisible();

    // its pages first: they would miss their server
    await second.close();
    await page.context().close();
    await fresh.end();
  });

  test.describe('with a password that is too short', () => {
    // a browser says itself that a form was refused
    test.use({ expectedComplaints: [/status of 4\d\d .*\/api\/set_up/] });

    test('the form says what is wrong at the field where it is wrong', async ({ visitor }) => {
      const fresh = await Starboard.start();
      const context = await visitor({ baseURL: fresh.url });
      const page = await context.newPage();
      await page.goto(fresh.setupLink);
      await page.getByLabel('Your name').fill('Robin');
      await page.getByLabel('User name').fill('robin');
      await page.getByLabel('Password', { exact: true }).fill('short');
      await page.getByLabel('The password again').fill('short');
      await page.getByRole('button', { name: 'Set up Starboard' }).click();
      await expect(page.getByLabel('Password', { exact: true })).toHaveAttribute('aria-invalid', 'true');
      // its pages first: they would miss their server
      await page.context().close();
      await fresh.end();
    });
  });
});

test.describe('a Starboard with an administrator', () => {
  test('signing out ends the session everywhere, signing in begins a new one', async ({ visitor, starboard, signedIn }) => {
    void signedIn; // the administrator has been made
    const context = await visitor({ baseURL: starboard.url });
    const page = await context.newPage();
    await signIn(page, administrator.username, administrator.password);
    await expect(page.getByRole('heading', { name: /^People/ })).toBeVisible();
    const other = await context.newPage();
    await other.goto('/');
    await expect(other.getByRole('heading', { name: /^People/ })).toBeVisible();

    await signOut(page);
    await other.reload();
    await expect(other).toHaveURL(/\/sign-in/);
  });

  test.describe('who does not get in', () => {
    // a browser logs every refusal by itself
    test.use({ expectedComplaints: [/status of 422 .*sign_in/] });
    test('a wrong password and an unknown name get the same answer', async ({ visitor, starboard, signedIn }) => {
      void signedIn;
      const context = await visitor({ baseURL: starboard.url });
      const page = await context.newPage();
      const answers: string[] = [];
      for (const name of [administrator.username, 'nobody-of-that-name']) {
        await signIn(page, name, 'not the password at all');
        await expect(page.getByLabel('Password', { exact: true })).toHaveAttribute('aria-invalid', 'true');
        answers.push(await page.getByRole('main').innerText());
      }
      expect(answers[0]).toBe(answers[1]);
    });
  });

  test('setup cannot be tried a second time', async ({ request, starboard, signedIn }) => {
    void signedIn;
    const answer = await request.get(`${starboard.url}/setup?token=guessed`);
    expect(await answer.text()).toContain('Starboard is set up already');
  });
});
