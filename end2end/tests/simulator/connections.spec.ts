/** PBX connections: tested before they are trusted, each fault with its own answer. */
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';

import { ConnectionForm } from '../../pages/connections';
import { accessible, awake, expect, test } from '../../stage/test';

test('a good connection passes every step', async ({ page, pbx }) => {
  const form = await ConnectionForm.openNew(page);
  await awake(page);
  await form.fill({ name: 'Second', ...pbx.manager });
  await form.test();
  await expect(form.step('Sign in')).toContainText('Good');
  await expect(form.step('See calls')).toContainText('Good');
  await accessible(page);
});

test('a wrong secret fails at the sign-in and names manager.conf', async ({ page, pbx }) => {
  const form = await ConnectionForm.openNew(page);
  await awake(page);
  await form.fill({ name: 'Second', ...pbx.manager, secret: 'certainly-not-the-secret' });
  await form.test();
  await expect(form.step('Reach it')).toContainText('Good');
  await expect(form.step('Sign in')).toContainText('manager.conf');
});

test('a host that refuses fails at reaching it', async ({ page, pbx }) => {
  const nobody = createServer();
  await new Promise<void>((resolve) => nobody.listen(0, '127.0.0.1', resolve));
  const { port } = nobody.address() as AddressInfo;
  await new Promise<void>((resolve) => nobody.close(() => resolve()));

  const form = await ConnectionForm.openNew(page);
  await awake(page);
  await form.fill({ name: 'Second', ...pbx.manager, host: '127.0.0.1', port });
  await form.test();
  await expect(form.step('Reach it')).toContainText('Failed');
  await expect(form.step('Sign in')).toContainText('Not reached');
});

test('something that is no Asterisk is told apart', async ({ page, pbx }) => {
  const impostor = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.end('SSH-2.0-something-else\r\n');
  });
  await new Promise<void>((resolve) => impostor.listen(0, '127.0.0.1', resolve));
  const { port } = impostor.address() as AddressInfo;
  const form = await ConnectionForm.openNew(page);
  await awake(page);
  await form.fill({ name: 'Second', ...pbx.manager, host: '127.0.0.1', port });
  await form.test();
  await expect(form.step('Reach it')).toContainText('Failed');
  await new Promise<void>((resolve) => impostor.close(() => resolve()));
});

test('the stored secret never comes back to a browser', async ({ page, pbx }) => {
  await page.goto('/admin/pbx');
  await awake(page);
  await page.getByRole('link', { name: /Harbour/ }).click();
  await expect(page.getByRole('heading', { name: 'Harbour' })).toBeVisible();
  await expect(page.getByLabel('Secret')).toHaveValue('');
  expect(await page.content()).not.toContain(pbx.manager.secret);
});
