/**
 * A real OpenID Connect provider for tests: `node provider.mjs PORT REDIRECT_URI [ACCOUNTS]`. Its sign-in page takes any
 * password; who somebody is and in which groups is in ACCOUNTS (JSON). Line by line on standard input: `rotate` gives it
 * new keys and forgets the old ones, other JSON replaces the accounts. It ends with its standard input.
 */
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';

import { Provider } from 'oidc-provider';

const [port, redirect, people = '{}'] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;
let accounts = JSON.parse(people);
let turn = 0;

function made() {
  turn += 1;
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const key = { ...privateKey.export({ format: 'jwk' }), kid: `key-${turn}`, use: 'sig', alg: 'RS256' };
  const provider = new Provider(issuer, {
    jwks: { keys: [key] },
    clients: [
      { client_id: 'starboard', client_secret: 'quiet harbour', redirect_uris: [redirect], grant_types: ['authorization_code'] },
    ],
    claims: { openid: ['sub'], profile: ['name', 'preferred_username', 'groups'], email: ['email'] },
    pkce: { required: () => true },
    features: { devInteractions: { enabled: true } },
    cookies: { keys: ['a', 'b'] },
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({ sub: id, preferred_username: id, ...accounts[id] }),
    }),
    // nobody is asked whether Starboard may know their name
    async loadExistingGrant(context) {
      const { client, session } = context.oidc;
      const grant = new context.oidc.provider.Grant({ clientId: client.clientId, accountId: session.accountId });
      grant.addOIDCScope('openid profile email');
      await grant.save();
      return grant;
    },
  });
  return provider.callback();
}

let answer = made();
createServer((request, response) => answer(request, response)).listen(Number(port), '127.0.0.1', () => console.log('listening'));
const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => {
  if (line === 'rotate') answer = made();
  else accounts = JSON.parse(line);
  console.log('done');
});
lines.on('close', () => process.exit(0));
