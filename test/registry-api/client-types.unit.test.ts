import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { CLIENT_TYPES_FILE, clientTypes } from '../../script/openapi/client-types.ts';

describe('the types of the client', function () {
  it('are those of the OpenAPI document (else: npm run openapi:types)', async () => {
    expect((await readFile(CLIENT_TYPES_FILE, 'utf8')) === (await clientTypes())).to.equal(true);
  });
});
