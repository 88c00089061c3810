import type { Operation } from '../../http/operation.ts';
import type { SystemServices } from './services.ts';

export const jwksOperation = ({ keys }: SystemServices): Operation => ({
  id: 'jwks',
  kind: 'read',
  method: 'get',
  path: '/.well-known/jwks.json',
  tag: 'System',
  summary: 'Public keys of the tokens that the platform issues',
  access: 'open',
  responses: { 200: { description: 'A JSON Web Key Set.', schema: 'KeySet' } },
  handle: async () => ({
    status: 200,
    headers: { 'Cache-Control': 'public, max-age=300' },
    body: await keys.jwks(),
  }),
});
