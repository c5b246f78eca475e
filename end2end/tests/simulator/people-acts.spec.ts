/** What an administrator does with people day by day. */
import { setUp } from '../../pages/doorstep';
import { office } from '../../stage/office';
import { accessible, awake, expect } from '../../stage/test';

const password = 'seven grey herons at dawn';

office('a team of twelve agents is a name, twelve lines and two keys', async ({ page, own }) => {
  await setUp(page, own.setupLink);
  await page.goto('/admin/teams/new');
  await awake(page);
  await expect(page.getByLabel('Name', { exact: true }), 'the first field is where the hand is').toBeFocused();
  await page.keyboard.type('Front desk');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('row').filter({ hasText: 'Front desk' })).toBeVisible();
  await accessible(page);

  await page.goto('/admin/users/import');
  await awake(page);
  const agents = Array.from({ length: 12 }, (_, at) => `agent${at},Agent ${at},agent,Front desk,${1001 + at}`);
  await page.getByLabel('Or paste its lines').fill(['username,name,role,teams,extensions', ...agents].join('\n'));
  await page.getByRole('button', { name: 'Try it' }).press('Enter');
  await expect(page.getByText('It would invite 12 and change 0.')).toBeVisible();
  await page.getByRole('button', { name: 'Import', exact: true }).press('Enter');
  await expect(page.getByText('Done: 12 invited, 0 changed.')).toBeVisible();
  await expect(page.getByLabel('One-time link')).toHaveCount(12);
  await accessible(page);
  await page.goto('/admin/teams');
  await awake(page);
  await expect(page.getByRole('row').filter({ hasText: 'Front desk' }).getByRole('cell').nth(1)).toHaveText('12');
});

office('somebody who is locked out is helped: sessions, password, second factors', async ({ page, own, visitor }) => {
  await setUp(page, own.setupLink);
  await page.goto('/admin/users/import');
  await awake(page);
  await page.getByLabel('Or paste its lines').fill('username,name,role,extensions\nada,Ada Lindqvist,agent,1001');
  await page.getByRole('button', { name: 'Try it' }).click();
  await page.getByRole('button', { name: 'Import', exact: true }).click();
  const first = await page.getByLabel('One-time link').inputValue();
  const hers = await (await visitor({ baseURL: own.url })).newPage();
  const comeAboard = async (link: string) => {
    await hers.goto(link);
    await accessible(hers);
    await hers.getByLabel('Password', { exact: true }).fill(password);
    await hers.getByLabel('The password again').fill(password);
    await hers.getByRole('button', { name: 'Come aboard' }).click();
    await hers.getByRole('heading', { name: 'Switchboard' }).waitFor({ state: 'attached' });
    await awake(hers);
  };
  await comeAboard(first);

  await page.getByRole('link', { name: 'Ada Lindqvist' }).click();
  await page.getByRole('button', { name: 'End sessions' }).click();
  await expect(page.getByText('Every session has ended.')).toBeVisible();
  await expect(hers).toHaveURL(/sign-in/, { timeout: 5_000 });

  await page.getByRole('button', { name: /link/i }).click();
  await comeAboard(await page.getByLabel('One-time link').inputValue());

  await page.getByRole('button', { name: 'Reset second factors' }).click();
  await expect(page.getByText('The password alone lets in now, until a second factor is set up.')).toBeVisible();
  await expect(hers, 'what was open is over').toHaveURL(/sign-in/, { timeout: 5_000 });

  const row = page.getByRole('row').filter({ hasText: 'Ada Lindqvist' });
  await page.getByRole('button', { name: 'Disable' }).click();
  await expect(row).toContainText('Disabled');
  await page.getByRole('button', { name: 'Let in again' }).click();
  await expect(row).not.toContainText('Disabled');
});

office('teams and roles are changed and removed', async ({ page, own }) => {
  await setUp(page, own.setupLink);
  await page.goto('/admin/teams/new');
  await awake(page);
  await page.getByLabel('Name', { exact: true }).fill('Front desk');
  await page.getByRole('checkbox', { name: 'Robin Harbour' }).check();
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await page.getByRole('link', { name: 'Front desk' }).click();
  await page.getByLabel('Name', { exact: true }).fill('Reception desk');
  await page.getByRole('group', { name: 'Queues' }).getByRole('checkbox').first().check();
  await page.getByRole('button', { name: 'Save' }).click();
  const row = page.getByRole('row').filter({ hasText: 'Reception desk' });
  await expect(row.getByRole('cell').nth(3)).not.toBeEmpty();
  await page.getByRole('link', { name: 'Reception desk' }).click();
  await page.getByText('Remove this team').click();
  await page.getByRole('button', { name: 'Remove it' }).click();
  await expect(row).toHaveCount(0);

  await page.goto('/admin/roles/new');
  await awake(page);
  await page.getByLabel('Name', { exact: true }).fill('Reception');
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await page.getByRole('link', { name: 'Reception' }).click();
  await page.getByLabel('Calls', { exact: true }).selectOption('PBX');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.reload();
  await awake(page);
  const role = page.getByRole('columnheader', { name: 'Reception' });
  await expect(role).toBeVisible();
  await page.getByRole('link', { name: 'Reception' }).click();
  await page.getByText('Remove this role').click();
  await page.getByRole('button', { name: 'Remove it' }).click();
  await expect(role).toHaveCount(0);
});

office('people and teams are gone through by keyboard', async ({ page, own }) => {
  await setUp(page, own.setupLink);
  for (const name of ['Front desk', 'Sales']) {
    await page.goto('/admin/teams/new');
    await awake(page);
    await page.getByLabel('Name', { exact: true }).fill(name);
    await page.keyboard.press('Enter');
    await expect(page.getByRole('row').filter({ hasText: name })).toBeVisible();
  }
  await page.goto('/admin/users/import');
  await awake(page);
  await page.getByLabel('Or paste its lines').fill('username,name,role\nada,Ada Lindqvist,agent\nbela,Bela Novák,agent');
  await page.getByRole('button', { name: 'Try it' }).press('Enter');
  await page.getByRole('button', { name: 'Import', exact: true }).press('Enter');
  await expect(page.getByText('Done: 2 invited, 0 changed.')).toBeVisible();
  for (const [list, first, second] of [
    ['/admin/users', 'Ada Lindqvist', 'Bela Novák'],
    ['/admin/teams', 'Front desk', 'Sales'],
  ] as const) {
    await page.goto(list);
    await awake(page);
    await page.getByRole('link', { name: first }).focus();
    await page.keyboard.press('ArrowDown');
    await expect(page.getByRole('link', { name: second })).toBeFocused();
    await page.keyboard.press('Enter');
    await expect(page.getByRole('region', { name: second })).toBeVisible();
    await accessible(page);
    await page.keyboard.press('Escape');
    await expect(page).toHaveURL(new RegExp(`${list}$`));
    await expect(page.getByRole('region', { name: second })).toBeHidden();
  }
});

office('a supervisor sees what an agent of theirs sees, and what nobody else does', async ({ page, own, visitor }) => {
  await setUp(page, own.setupLink);
  await page.goto('/admin/teams/new');
  await awake(page);
  await page.getByLabel('Name', { exact: true }).fill('Front desk');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('row').filter({ hasText: 'Front desk' })).toBeVisible();
  await page.goto('/admin/users/import');
  await awake(page);
  const lines = ['sue,Sue Marsh,supervisor,Front desk,1003', 'ada,Ada Lindqvist,agent,Front desk,1001', 'bela,Bela Novák,agent,,1002'];
  await page.getByLabel('Or paste its lines').fill(['username,name,role,teams,extensions', ...lines].join('\n'));
  await page.getByRole('button', { name: 'Try it' }).click();
  await page.getByRole('button', { name: 'Import', exact: true }).click();
  const links = page.getByLabel('One-time link');
  const comeAboard = async (at: number) => {
    const theirs = await (await visitor({ baseURL: own.url })).newPage();
    await theirs.goto(await links.nth(at).inputValue());
    await theirs.getByLabel('Password', { exact: true }).fill(password);
    await theirs.getByLabel('The password again').fill(password);
    await theirs.getByRole('button', { name: 'Come aboard' }).click();
    await awake(theirs);
    return theirs;
  };
  const hers = await comeAboard(0);
  await (await comeAboard(1)).close();
  await hers.getByRole('link', { name: 'People' }).click();
  await expect(hers.getByRole('row').filter({ hasText: 'Ada Lindqvist' })).toBeVisible();
  await expect(hers.getByRole('row').filter({ hasText: 'Bela Novák' }), 'nobody of another team').toHaveCount(0);
  await hers.getByRole('link', { name: 'Ada Lindqvist' }).click();
  await hers.getByRole('button', { name: 'View as' }).click();
  await expect(hers.getByText('You see what Ada Lindqvist sees. Nothing can be done meanwhile.')).toBeVisible();
  await accessible(hers);
});
