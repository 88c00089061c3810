import { expect } from 'chai';
import { operationsOf } from '../../registry-api/app.ts';
import type { Operation } from '../../registry-api/http/operation.ts';
import { components } from '../../registry-api/schemas/components.ts';
import { startTestRegistry, type TestRegistry } from './support/registry.ts';

const LONGEST_BODY = 256 * 1024;

/** Texts of almost the longest body that fill one field with a value that is costly to check. */
function fillings(field: string): Readonly<Record<string, string>> {
  const room = LONGEST_BODY - field.length - 20;
  const fill = (value: string): string => `{${JSON.stringify(field)}:${value}}`;
  const list = (item: string): string =>
    `[${Array(Math.floor(room / (item.length + 1)))
      .fill(item)
      .join(',')}]`;
  return {
    'empty objects': fill(list('{}')),
    'objects with a field': fill(list('{"a":"b"}')),
    'equal texts': fill(list('"crm:read"')),
    numbers: fill(list('7')),
    'a text that patterns backtrack over': fill(`"${'a'.repeat(room)}\\n"`),
    blanks: fill(`"${' '.repeat(room)}\\n"`),
    'nested lists': fill('['.repeat(room / 2) + ']'.repeat(room / 2)),
    'nested objects': fill(`${'{"a":'.repeat(Math.floor(room / 6))}1${'}'.repeat(Math.floor(room / 6))}`),
  };
}

describe('the largest bodies', function () {
  let registry: TestRegistry;
  before(async () => {
    registry = await startTestRegistry();
    for (const id of ['filled'])
      await registry.call('POST', '/api/tools', { body: { id, name: 'Filled', version: '1.0.0' } });
  });
  after(() => registry.close());

  const operations: readonly Operation[] = operationsOf(
    { settings: {} } as never,
    { version: '' } as never,
    null as never,
  );
  const withBody = operations.filter((operation) => operation.body !== undefined);

  it('sends the largest body to every operation that takes a body', () => {
    expect(withBody.map(({ id }) => id)).to.include.members([
      'registerTool',
      'replaceTool',
      'exportTool',
      'rollbackJob',
      'createWebhook',
    ]);
  });

  for (const { id, method, path, body } of withBody) {
    const schema = components[body?.schema ?? ''] as { properties: Record<string, unknown> };
    for (const field of [...Object.keys(schema.properties), 'unknown'])
      it(`refuses the largest body with a short message by ${id} when it fills /${field}`, async () => {
        const address = path
          .replace('{toolId}', 'filled')
          .replace('{jobId}', '00000000-0000-4000-8000-000000000000');
        for (const [what, text] of Object.entries(fillings(field))) {
          const response = await fetch(registry.url + address, {
            method: method.toUpperCase(),
            headers: { 'Content-Type': 'application/json', 'Idempotency-Key': crypto.randomUUID() },
            body: text,
          });
          const answer = await response.text();
          expect(response.status, `${what}: ${answer.slice(0, 300)}`).to.equal(422);
          const { errors } = JSON.parse(answer) as { errors: readonly unknown[] };
          expect(errors.length, what).to.be.within(1, 101);
        }
      });
  }

  it('refuses the largest body of unknown fields with a short message', async () => {
    const fields = Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`f${i}`, 1]));
    for (const { method, path } of withBody) {
      const { status, body } = await registry.call(
        method.toUpperCase(),
        path.replace('{toolId}', 'filled').replace('{jobId}', '00000000-0000-4000-8000-000000000000'),
        { body: fields },
      );
      expect(status, path).to.equal(422);
      expect(body.errors, path).to.have.length.within(1, 101);
    }
  });

  it('the largest bodies leave no error in the log', () => {
    expect(registry.faults).to.deep.equal([]);
  });
});
