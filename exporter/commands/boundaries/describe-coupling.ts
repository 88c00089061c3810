import type { Coupling } from '../../../inspection/index.ts';

/** The place of a coupling: `file:line`, or the database. */
export const placeOf = ({ file, lines }: Coupling): string =>
  file === null ? 'database' : `${file}:${lines[0] ?? 1}`;

/** A sentence about a coupling, without its place. */
export function describeCoupling(coupling: Coupling): string {
  const { from, to } = coupling;
  const more = coupling.lines.length > 1 ? `, also in line ${coupling.lines.slice(1).join(', ')}` : '';
  const through =
    coupling.through === null ? '' : ` through ${coupling.through.file}:${coupling.through.line}`;
  const calls = coupling.calls === null ? '' : `, ${coupling.calls.toLocaleString('en-US')} calls`;
  return `${from} ${EFFECTS[coupling.kind](coupling)} of ${to}${through}${more}${calls}`;
}

const verb = ({ access }: Coupling): string => (access === 'write' ? 'writes' : 'reads');

const EFFECTS: Readonly<Record<Coupling['kind'], (coupling: Coupling) => string>> = {
  import: ({ name }) => `imports ${name}`,
  table: (coupling) => `${verb(coupling)} the table ${coupling.name}`,
  'foreign-key': ({ name }) => `has the foreign key ${name}`,
  view: ({ name }) => `has the view ${name}`,
  trigger: ({ name, access }) =>
    `has the trigger ${name}, which ${access === 'write' ? 'writes' : 'reads'} a table`,
  session: (coupling) => `${verb(coupling)} the session key ${coupling.name}`,
  state: (coupling) => `${verb(coupling)} the shared state ${coupling.name}`,
};
