/** Users, teams and roles: who is let in, what they see, and how fast a right taken away acts. */
import { join } from 'node:path';

import { setUp } from '../../pages/doorstep';
import { office } from '../../stage/office';
import { output } from '../../stage/places';
import { accessible, awake, expect } from '../../stage/test';

office('somebody is invited, chooses a password, sees what their role shows, and is shut out at once', async ({ page, own, visitor }) => {
  await setUp(page, own.setupLink);
  await awake(page);
  await page.getByRole('link', { name: 'People' }).click();
  await expect(page.getByRole('row')).toHaveCount(2);
  await accessible(page);

  await page.getByRole('link', { name: 'Teams', exact: true }).click();
  await page.getByRole('link', { name: 'Add a team' }).first().click();
  await page.getByLabel('Name', { exact: true }).fill('Front desk');
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await expect(page.getByRole('row').filter({ hasText: 'Front desk' })).toBeVisible();

  await page.getByRole('link', { name: 'Users', exact: true }).click();
  await page.getByRole('link', { name: 'Invite somebody' }).click();
  await page.getByLabel('Name', { exact: true }).fill('Ada Lindqvist');
  await page.getByLabel('User name', { exact: true }).fill('ada');
  await page.getByLabel('Extensions', { exact: true }).fill('1001');
  await page.getByLabel('Front desk').check();
  await page.getByRole('button', { name: 'Invite', exact: true }).click();
  const link = await page.getByLabel('One-time link').inputValue();
  await page.screenshot({ path: join(output, 'invitation-light-1440.png') });
  await page.getByRole('link', { name: 'Done' }).click();
  const row = page.getByRole('row').filter({ hasText: 'Ada Lindqvist' });
  await expect(row).toContainText('Invited');

  const hers = await (await visitor({ baseURL: own.url })).newPage();
  await hers.goto(link);
  await hers.getByLabel('Password', { exact: true }).fill('seven grey herons at dawn');
  await hers.getByLabel('The password again').fill('seven grey herons at dawn');
  await hers.getByRole('button', { name: 'Come aboard' }).click();
  await awake(hers);
  await expect(hers.getByRole('link', { name: 'People' })).toHaveCount(0);
  await expect(hers.getByRole('region', { name: /^People/ }).getByRole('group').first()).toBeVisible();
  await hers.goto('/admin/users');
  await expect(hers.getByText('You may not do this.')).toBeVisible();
  await hers.goto('/');
  await awake(hers);

  await row.getByRole('link', { name: 'Ada Lindqvist' }).click();
  await page.getByLabel('Role', { exact: true }).last().selectOption('Viewer');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('Saved.')).toBeVisible();
  // a viewer sees every call: more than an agent of a team of one
  await expect(hers.getByRole('region', { name: /^Calls/ }).getByRole('listitem').first()).toBeVisible();

  await page.getByRole('button', { name: 'Disable' }).click();
  await expect(row).toContainText('Disabled');
  await expect(hers).toHaveURL(/sign-in/, { timeout: 5_000 });
  await hers.goto(link);
  await expect(hers.getByText('This link was used already, or is too old.')).toBeVisible();
});

office('a role of ones own is made from the table, and nobody gives more than they have', async ({ page, own }) => {
  await setUp(page, own.setupLink);
  await page.goto('/admin/roles');
  await awake(page);
  await expect(page.getByRole('columnheader', { name: 'Supervisor' })).toBeVisible();
  await accessible(page);
  await page.getByRole('link', { name: 'Add a role' }).click();
  await page.getByLabel('Name', { exact: true }).fill('Reception');
  await page.getByLabel('Calls', { exact: true }).selectOption('PBX');
  await page.getByLabel('End calls').selectOption('No');
  await accessible(page);
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await expect(page.getByRole('columnheader', { name: 'Reception' })).toBeVisible();
  await page.getByRole('link', { name: 'Administrator' }).click();
  await expect(page.getByText('This role is always there as it is.')).toBeVisible();
});

office('a page that somebody may see no more says so while it is open', async ({ page, own, visitor }) => {
  await setUp(page, own.setupLink);
  await page.goto('/admin/users/import');
  await awake(page);
  await page.getByLabel('Or paste its lines').fill('username,name,role,extensions\nbela,Bela Novák,supervisor,1002');
  await page.getByRole('button', { name: 'Try it' }).click();
  await page.getByRole('button', { name: 'Import', exact: true }).click();
  const link = await page.getByLabel('One-time link').inputValue();
  const his = await (await visitor({ baseURL: own.url })).newPage();
  await his.goto(link);
  await his.getByLabel('Password', { exact: true }).fill('seven grey herons at dawn');
  await his.getByLabel('The password again').fill('seven grey herons at dawn');
  await his.getByRole('button', { name: 'Come aboard' }).click();
  await awake(his);
  await his.getByRole('link', { name: 'People' }).click();
  await expect(his.getByRole('heading', { name: 'Users' })).toBeVisible();

  await page.getByRole('link', { name: 'Bela Novák' }).click();
  await page.getByLabel('Role', { exact: true }).last().selectOption('Agent');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(his.getByText('You may not do this.')).toBeVisible({ timeout: 5_000 });
  await expect(his.getByRole('link', { name: 'People' })).toHaveCount(0);
});

office('users come from a file: tried first, then all or none', async ({ page, own }) => {
  await setUp(page, own.setupLink);
  await page.goto('/admin/users/import');
  await awake(page);
  const lines = page.getByLabel('Or paste its lines');
  await lines.fill('username,name,role,extensions\nada,Ada Lindqvist,agent,1001\nbela,Bela Novák,pirate,1002');
  await page.getByRole('button', { name: 'Try it' }).click();
  await expect(page.getByText('There is no role "pirate".')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Import', exact: true })).toHaveCount(0);
  await lines.fill('username,name,role,extensions\nada,Ada Lindqvist,agent,1001\nbela,Bela Novák,supervisor,1002;1003');
  await page.getByRole('button', { name: 'Try it' }).click();
  await expect(page.getByText('It would invite 2 and change 0.')).toBeVisible();
  await accessible(page);
  await page.getByRole('button', { name: 'Import', exact: true }).click();
  await expect(page.getByText('Done: 2 invited, 0 changed.')).toBeVisible();
  await expect(page.getByLabel('One-time link')).toHaveCount(2);
  await expect(page.getByRole('row').filter({ hasText: 'Bela Novák' })).toContainText('1002, 1003');
});

office('an administrator sees what somebody sees, and does nothing meanwhile', async ({ page, own }) => {
  await setUp(page, own.setupLink);
  await page.goto('/admin/users/import');
  await awake(page);
  await page.getByLabel('Or paste its lines').fill('username,name,role,extensions\nada,Ada Lindqvist,agent,1001');
  await page.getByRole('button', { name: 'Try it' }).click();
  await page.getByRole('button', { name: 'Import', exact: true }).click();
  const link = await page.getByLabel('One-time link').inputValue();
  const hers = await page.context().browser()!.newPage();
  await hers.goto(link);
  await hers.getByLabel('Password', { exact: true }).fill('seven grey herons at dawn');
  await hers.getByLabel('The password again').fill('seven grey herons at dawn');
  await hers.getByRole('button', { name: 'Come aboard' }).click();
  await awake(hers);
  await hers.close();

  await page.goto('/admin/users');
  await awake(page);
  await page.getByRole('link', { name: 'Ada Lindqvist' }).click();
  await page.getByRole('button', { name: 'View as' }).click();
  await expect(page.getByText('You see what Ada Lindqvist sees. Nothing can be done meanwhile.')).toBeVisible();
  await awake(page);
  await expect(page.getByRole('link', { name: 'People' })).toHaveCount(0);
  await accessible(page);
  await page.getByLabel('Number to call').fill('1002');
  await page.getByLabel('Number to call').press('Enter');
  await expect(page.getByRole('status').getByText(/You only see what somebody else sees/)).toBeVisible();
  await page.getByRole('button', { name: 'Back to my own view' }).click();
  await awake(page);
  await expect(page.getByRole('link', { name: 'People' })).toBeVisible();
});
