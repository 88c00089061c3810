import { readFile } from 'node:fs/promises';
import { Ajv } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect } from 'chai';
import { operationsOf } from '../../registry-api/app.ts';
import { components } from '../../registry-api/schemas/components.ts';

/** Processes do not validate the schemas that they check data with. */
describe('schemas that data is checked with', () => {
  const problemsOf = (schema: object, ajv: Ajv | Ajv2020): readonly string[] => {
    void ajv.validateSchema(schema);
    return (ajv.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message ?? ''}`);
  };

  for (const file of ['contracts/manifest.schema.json', 'generators/tool/answers.schema.json'])
    it(`are valid JSON Schema: ${file}`, async () => {
      const schema = JSON.parse(await readFile(file, 'utf8')) as object;
      expect(problemsOf(schema, new Ajv({ logger: false }))).to.deep.equal([]);
    });

  it('are valid JSON Schema: bodies and query strings of the registry', () => {
    const ajv = new Ajv2020({ logger: false });
    const operations = operationsOf({} as never, { version: '' } as never, null as never);
    const queries = operations.flatMap(({ id, query = {} }) =>
      Object.entries(query).map(([name, schema]) => [`${id}: ${name}`, schema] as const),
    );
    const schemas = [...Object.entries(components), ...queries];
    for (const { body } of operations)
      if (body !== undefined) expect(components).to.have.property(body.schema);
    expect(schemas.length).to.be.greaterThan(15);
    for (const [place, schema] of schemas) expect(problemsOf(schema, ajv), place).to.deep.equal([]);
  });
});
