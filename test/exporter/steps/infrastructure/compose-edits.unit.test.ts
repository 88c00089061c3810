import { expect } from 'chai';
import fc from 'fast-check';
import { readCompose } from '../../../../exporter/adapters/compose/read-compose.ts';
import { composeEntryOf } from '../../../../exporter/generate/infrastructure/compose-entry.ts';
import {
  addComposeEntry,
  removeComposeEntry,
  type ComposeEntry,
} from '../../../../exporter/generate/infrastructure/compose-text.ts';
import { infrastructureInput } from './facts.ts';

const entryOf = (id: string): ComposeEntry => composeEntryOf(infrastructureInput({ id }));
const CRM = entryOf('crm');
const HR = entryOf('hr');

/** Comments and blank lines between entries. */
const between = (indent: string): fc.Arbitrary<readonly string[]> =>
  fc.array(
    fc.constantFrom(
      '',
      `${indent}# a word: on {this}`,
      '# >>> not ours',
      `${indent}  # deeper`,
      '#',
      '# services:',
    ),
    { maxLength: 2 },
  );

/** The value of a service, a volume or a network, in the styles that YAML allows. */
const value = (indent: string): fc.Arbitrary<readonly string[]> =>
  fc.constantFrom(
    [`${indent}image: "nginx:1" # quoted`, `${indent}command: ['a', "b", c]`],
    [`${indent}<<: *common`, `${indent}environment: {A: '1', B: "#2"}`],
    [`${indent}image: x`, `${indent}environment:`, `${indent}  - A=b: c`, '', `${indent}  - D=$\{E:-f}`],
    [`${indent}labels: &labels`, `${indent}  note: |`, `${indent}    # no comment`, `${indent}    text`],
    [`${indent}image: >-`, `${indent}  folded`, `${indent}  name`],
  );

interface Style {
  readonly indent: number;
  readonly eol: string;
  readonly lastNewline: boolean;
}

const section = (name: string, indent: string): fc.Arbitrary<readonly string[]> =>
  fc
    .uniqueArray(fc.constantFrom('web', 'db', 'edge-1', "'quoted'", 'data_2'), { minLength: 1, maxLength: 3 })
    .chain((keys) =>
      fc
        .tuple(
          between(''),
          ...keys.map((key) =>
            fc
              .tuple(between(indent), value(indent.repeat(2)), fc.constantFrom('', ' # why'))
              .map(([above, lines, note]) => [...above, `${indent}${key}:${note}`, ...lines]),
          ),
        )
        .map(([above, ...entries]) => [...above, `${name}:`, ...entries.flat()]),
    );

const file: fc.Arbitrary<string> = fc
  .record<Style>({
    indent: fc.constantFrom(2, 3, 4),
    eol: fc.constantFrom('\n', '\n', '\r\n'),
    lastNewline: fc.boolean(),
  })
  .chain(({ indent, eol, lastNewline }) =>
    fc
      .tuple(
        fc.shuffledSubarray(['services', 'volumes', 'networks', 'secrets', 'configs'], { minLength: 1 }),
        between(''),
      )
      .chain(([names, last]) =>
        fc.tuple(...names.map((name) => section(name, ' '.repeat(indent)))).map((sections) => {
          const lines = ['# head', 'x-common: &common', '  restart: always', ...sections.flat(), ...last];
          return lines.join(eol) + (lastNewline ? eol : '');
        }),
      ),
  )
  // A repeated anchor is valid YAML, but irrelevant to these edits
  .filter((text) => {
    try {
      readCompose(text);
      return true;
    } catch {
      return false;
    }
  });

/** Whether `after` contains every line of `before`, in the same order. */
function keepsLines(before: string, after: string): boolean {
  const lines = after.split('\n');
  let at = 0;
  for (const line of before.split('\n')) {
    at = lines.indexOf(line, at) + 1;
    if (at === 0) return false;
  }
  return true;
}

const RUNS = Number(process.env['COMPOSE_RUNS'] ?? 40);

describe('edits of any compose file', () => {
  it('adds an entry to any compose file without changing other lines, and removes it completely', () => {
    fc.assert(
      fc.property(file, (text) => {
        const added = addComposeEntry(text, 'crm', CRM);
        const eol = text.includes('\r\n') ? '\r\n' : '\n';
        const ended = text.endsWith('\n') ? text : text + eol;
        expect(keepsLines(ended, added), added).to.equal(true);
        expect(readCompose(added)).to.have.nested.property('services.crm-api.image');
        expect(removeComposeEntry(added, 'crm')).to.equal(ended);
      }),
      { numRuns: RUNS },
    );
  });

  it('keeps the entry of one tool when the other is removed, in either order', () => {
    fc.assert(
      fc.property(file, fc.boolean(), (text, crmFirst) => {
        const both = addComposeEntry(addComposeEntry(text, 'crm', CRM), 'hr', HR);
        const [first, second] = crmFirst ? (['crm', 'hr'] as const) : (['hr', 'crm'] as const);
        const one = removeComposeEntry(both, first);
        expect(one).to.equal(addComposeEntry(text, second, second === 'hr' ? HR : CRM));
      }),
      { numRuns: Math.ceil(RUNS / 3) },
    );
  });
});
