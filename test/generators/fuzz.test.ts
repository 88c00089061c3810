import { mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import pg from 'pg';
import { PlatformError } from '../../contracts/errors.ts';
import { parseManifest } from '../../contracts/manifest.ts';
import { AnswersError } from '../../generators/answers-error.ts';
import { parseAnswers } from '../../generators/tool/answers.ts';
import { renderTool } from '../../generators/tool/render-tool.ts';
import { scaffoldTool } from './support/scaffold-tool.ts';
import { FIELD_TYPES } from '../../generators/tool/field-types.ts';
import { parseResource, ResourceTextError } from '../../generators/tool/resource-text.ts';
import { problemIn } from '../../templating/parse-text.ts';
import { createDatabase } from '../support/postgres.ts';
import { removeRepository, scratchRepository, SOURCE as root, treeOf } from './support/scratch-repository.ts';

/** The suite runs a sample; `FUZZ_RUNS=1000` runs more. */
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 40);

const NASTY = [
  `'); DROP TABLE x; --`,
  '../../etc/passwd',
  '<% throw 1 %>',
  '<%= process.exit() %>',
  '${process.exit()}',
  '`',
  '\\',
  '*/ evil() /*',
  '\n// x',
  '\r\n',
  '{{ x }}',
  '@if (x) {',
  '</script>',
  '名前',
  'שלום',
  '\u202Etxt',
  '\u2028',
  'a'.repeat(200),
  'constructor',
  '__proto__',
  'class',
  'select',
  'Inventory-Tracker',
  'task_manager',
  '"',
  "'",
  '$&',
  "$'",
  '%>',
  '-->',
];
const text = fc.oneof(
  fc.constantFrom(...NASTY),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.tuple(fc.constantFrom(...NASTY), fc.constantFrom(...NASTY)).map(([a, b]) => a + b),
);
const sane = fc.constantFrom('crm', 'deal-board', 'x', 'a1-b2');

describe('hostile answers', function () {
  this.timeout(600_000);

  it('creates a tool that parses and stays in its folder, or refuses hostile answers with their pointer', async () => {
    const outcomes = { refused: 0, rendered: 0 };
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          id: fc.oneof({ weight: 4, arbitrary: sane }, text),
          name: text,
          description: text,
          owner: text,
          version: fc.oneof({ weight: 4, arbitrary: fc.constant('1.0.0') }, text),
          status: fc.oneof({ weight: 4, arbitrary: fc.constant('beta') }, text),
        }),
        async (given) => {
          let answers;
          try {
            answers = parseAnswers(given);
          } catch (error) {
            expect(error).to.be.instanceOf(AnswersError);
            expect((error as AnswersError).problems.every((p) => p.pointer.startsWith('/'))).to.equal(true);
            outcomes.refused += 1;
            return;
          }
          outcomes.rendered += 1;
          for (const file of await renderTool(answers, root)) {
            const home = path.join(root, 'tools', answers.id);
            expect(path.resolve(home, file.path).startsWith(home + path.sep)).to.equal(true);
            expect(await problemIn(file.path, file.content), file.path).to.equal(null);
            if (file.path === 'manifest.json')
              expect(parseManifest(JSON.parse(file.content))).to.deep.include({
                name: given.name.trim(),
                description: given.description.trim(),
                owner: given.owner.trim(),
              });
          }
        },
      ),
      { numRuns: RUNS, seed: 20261123 },
    );
    expect(outcomes.refused).to.be.greaterThan(5);
    expect(outcomes.rendered).to.be.greaterThan(5);
  });

  it('refuses hostile --resource texts, or gets names that are valid in every language', () => {
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 4 }), (parts) => {
        try {
          const resource = parseResource(parts.join(':'));
          const { resources } = parseAnswers({
            id: 'crm',
            name: 'x',
            description: '',
            version: '1.0.0',
            status: 'beta',
            resources: [resource],
          });
          for (const { name, fields } of resources) {
            expect(name).to.match(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/);
            for (const field of fields) expect(field.name).to.match(/^[a-z][A-Za-z0-9]*$/);
          }
        } catch (error) {
          expect(error).to.satisfy(
            (e: unknown) => e instanceof ResourceTextError || e instanceof AnswersError,
          );
        }
      }),
      { numRuns: 500, seed: 20261123 },
    );
  });

  it('writes nothing outside the folder of the tool, whether it accepts or refuses hostile answers', async () => {
    const scratch = scratchRepository();
    const outcomes = { refused: 0, written: 0 };
    // Distinct on case-insensitive file systems, too
    mkdirSync(path.join(scratch, 'tools/CRM'));
    const outside = (): unknown => [readdirSync(scratch), readdirSync(path.dirname(scratch)).includes('etc')];
    const before = outside();
    const answer = { name: text, description: text, owner: text };
    try {
      await fc.assert(
        fc.asyncProperty(
          fc.record({ id: fc.oneof(sane, text, fc.constant('crm')), ...answer }),
          async (given) => {
            const tools = readdirSync(path.join(scratch, 'tools'));
            try {
              await scaffoldTool(scratch, { ...given, version: '1.0.0', status: 'beta' });
              outcomes.written += 1;
              expect(Object.keys(treeOf(scratch, `tools/${given.id}`)).length).to.be.greaterThan(20);
              removeRepository(path.join(scratch, 'tools', given.id));
            } catch (error) {
              expect(error).to.be.instanceOf(PlatformError);
              if (given.id === 'crm') expect((error as PlatformError).message).to.match(/CRM|not valid/);
              outcomes.refused += 1;
            }
            expect(readdirSync(path.join(scratch, 'tools'))).to.deep.equal(tools);
            removeRepository(path.join(scratch, '.platform'));
            expect(outside()).to.deep.equal(before);
          },
        ),
        { numRuns: Math.ceil(RUNS / 2), seed: 20261123 },
      );
    } finally {
      removeRepository(scratch);
    }
    expect(outcomes.refused).to.be.greaterThan(3);
    expect(outcomes.written).to.be.greaterThan(3);
  });

  it('creates working migrations, seeds and source for reserved words as resources and fields', async () => {
    const client = new pg.Client({ connectionString: await createDatabase() });
    await client.connect();
    const word = fc.constantFrom(...RESERVED);
    const field = fc.record({
      name: word,
      type: fc.constantFrom(...(Object.keys(FIELD_TYPES) as (keyof typeof FIELD_TYPES)[])),
      required: fc.boolean(),
    });
    const resource = fc.record({ name: word, fields: fc.array(field, { minLength: 1, maxLength: 4 }) });
    let ran = 0;
    try {
      await fc.assert(
        fc.asyncProperty(fc.array(resource, { minLength: 1, maxLength: 3 }), async (resources) => {
          let answers;
          try {
            answers = parseAnswers({
              id: 'crm',
              name: 'x',
              description: '',
              version: '1.0.0',
              status: 'beta',
              resources,
            });
          } catch (error) {
            expect(error).to.be.instanceOf(AnswersError);
            return;
          }
          const files = await renderTool(answers, root);
          for (const file of files)
            expect(await problemIn(file.path, file.content), file.path).to.equal(null);
          const sql = (end: string): string => files.find((file) => file.path.endsWith(end))?.content ?? '';
          await client.query(sql('-tables.sql'));
          await client.query(sql('-data.sql'));
          await client.query(sql('-data.sql'));
          await client.query(sql('-tables.down.sql'));
          const { rows } = await client.query(
            `SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace`,
          );
          expect(rows).to.deep.equal([]);
          ran += 1;
        }),
        { numRuns: Math.ceil(RUNS / 2), seed: 20261123 },
      );
    } finally {
      await client.end();
    }
    expect(ran).to.be.greaterThan(RUNS / 8);
  });
});

/** Reserved words of JavaScript, TypeScript, SQL and Angular. */
const RESERVED =
  `class default function new this return await async let var const enum type interface yield import export static null true
   select from where order group user table column primary references check constraint limit offset end case when
   component signal computed input output router page sort query total data row rows body name value error
   object string number boolean any never symbol array map set date promise request response`.split(/\s+/);
