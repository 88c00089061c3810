import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { CLIENT_TYPES_FILE, clientTypes } from '../../script/openapi/client-types.ts';

describe('client types', function () {
  it("the client's types match the OpenAPI document (else run: npm run openapi:types)", async () => {
    expect((await readFile(CLIENT_TYPES_FILE, 'utf8')) === (await clientTypes())).to.equal(true);
  });
});
