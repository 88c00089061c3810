import fc from 'fast-check';
import type { Document } from './contract.ts';

type Schema = Readonly<Record<string, unknown>>;

/** Arbitrary small values of a JSON Schema in the document. */
export function arbitraryOf(schema: object, document: Document): fc.Arbitrary<unknown> {
  const s = schema as Schema;
  if (typeof s['$ref'] === 'string') {
    const name = s['$ref'].split('/').at(-1) ?? '';
    return arbitraryOf(document.components.schemas[name] ?? {}, document);
  }
  if (Array.isArray(s['enum'])) return fc.constantFrom(...s['enum']);
  if (Array.isArray(s['anyOf']))
    return fc.oneof(...(s['anyOf'] as object[]).map((one) => arbitraryOf(one, document)));
  switch (s['type']) {
    case 'string':
      return text(s);
    case 'integer':
      return fc.integer({ min: Number(s['minimum'] ?? -10), max: Number(s['maximum'] ?? 1_000) });
    case 'number':
      return fc.double({ noNaN: true, noDefaultInfinity: true });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array':
      return fc.uniqueArray(arbitraryOf(s['items'] ?? {}, document), {
        minLength: Number(s['minItems'] ?? 0),
        maxLength: 3,
        selector: (value) => JSON.stringify(value),
      });
    case 'object':
      return record(s, document);
    default:
      return fc.jsonValue({ maxDepth: 1 });
  }
}

function text(s: Schema): fc.Arbitrary<string> {
  if (s['format'] === 'uuid') return fc.uuid();
  if (typeof s['pattern'] === 'string')
    return fc.constantFrom(...examplesOf(s['pattern'], Number(s['maxLength'] ?? 100)));
  return fc.string({
    minLength: Number(s['minLength'] ?? 0),
    maxLength: Math.min(Number(s['maxLength'] ?? 30), 30),
    unit: 'grapheme',
  });
}

const examples = new Map<string, readonly string[]>();

/** Generates 40 strings per pattern once, because generating them is slow. */
function examplesOf(pattern: string, maxLength: number): readonly string[] {
  const known = examples.get(pattern);
  if (known !== undefined) return known;
  const arbitrary = fc.stringMatching(new RegExp(pattern), { size: 'xsmall' });
  const made = fc.sample(arbitrary, { numRuns: 40, seed: 1 }).filter((value) => value.length <= maxLength);
  examples.set(pattern, made);
  return made;
}

function record(s: Schema, document: Document): fc.Arbitrary<unknown> {
  const properties = (s['properties'] ?? {}) as Readonly<Record<string, object>>;
  const arbitraries = Object.fromEntries(
    Object.entries(properties).map(([name, schema]) => [name, arbitraryOf(schema, document)]),
  );
  return fc.record(arbitraries, { requiredKeys: (s['required'] ?? []) as string[] });
}
