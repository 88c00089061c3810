import pc from 'picocolors';
import { SHARED, type Boundaries, type Coupling, type ModuleReport } from '../../../inspection/index.ts';
import { describeCoupling, placeOf } from './describe-coupling.ts';
import { count } from './count.ts';
import { textTable } from './text-table.ts';

/** Couplings of one module that the terminal shows; `--json` has them all. */
const SHOWN = 12;

/** The whole report as lines for a terminal. */
export function textReport(found: Boundaries, source: string): readonly string[] {
  const { modules, couplings, tables } = found;
  const lines = modules.reduce((sum, module) => sum + module.lines, found.shared.lines);
  return [
    `${count(modules.length, 'module')}, ${count(tables.length, 'table')} and ${count(couplings.length, 'coupling')} in ${count(lines, 'line')} of ${source}`,
    '',
    pc.bold('Modules use modules (places; a row uses a column)'),
    ...moduleMatrix(found),
    '',
    pc.bold('Modules use tables (r: reads, w: writes, *: owns; with places)'),
    ...tableMatrix(found),
    ...modules.toSorted((a, b) => a.cost - b.cost).flatMap((module) => moduleSection(module, found)),
    ...sharedSection(found),
    '',
    pc.bold('Suggested order of leaving (cost of what is then left to cut)'),
    ...textTable(found.order.map(({ module, cost }, i) => [`${i + 1}.`, module, cost.toFixed(1)])).map(
      indented,
    ),
    ...unreadSection(found),
  ];
}

const indented = (line: string): string => `  ${line}`;

function moduleMatrix({ modules, matrix, couplings }: Boundaries): readonly string[] {
  const names = modules.map(({ name }) => name);
  const uses = couplings.some(({ from, to }) => from === SHARED || to === SHARED)
    ? [...names, SHARED]
    : names;
  const cells = new Map(matrix.modules.map(({ module, target, places }) => [`${module}\0${target}`, places]));
  return textTable([
    ['', ...uses],
    ...uses.map((from) => [
      from,
      ...uses.map((to) => (from === to ? '·' : String(cells.get(`${from}\0${to}`) ?? ''))),
    ]),
  ]).map(indented);
}

function tableMatrix({ modules, tables, matrix }: Boundaries): readonly string[] {
  const columns = [...modules.map(({ name }) => name), SHARED];
  const cells = new Map(matrix.tables.map((cell) => [`${cell.module}\0${cell.target}`, cell]));
  const counted = tables.some(({ calls }) => calls !== null);
  return textTable([
    ['', ...columns, ...(counted ? ['calls'] : [])],
    ...tables.map(({ name, owner, calls }) => [
      name,
      ...columns.map((module) => {
        const cell = cells.get(`${module}\0${name}`);
        const used = cell === undefined ? '' : `${cell.access === 'write' ? 'w' : 'r'}${cell.places}`;
        return `${owner === module ? '*' : ''}${used}`;
      }),
      ...(counted ? [(calls ?? 0).toLocaleString('en-US')] : []),
    ]),
  ]).map(indented);
}

function moduleSection(module: ModuleReport, { couplings }: Boundaries): readonly string[] {
  const list = (title: string, items: readonly string[]): readonly string[] =>
    items.length === 0 ? [] : [`  ${title}: ${items.join(', ')}`];
  const shares = module.shares.filter((one) => one.with.length > 0).map(({ file }) => file);
  const own = couplings.filter(({ from, to }) => from === module.name || to === module.name);
  return [
    '',
    pc.bold(`${module.name}: cost ${module.cost.toFixed(1)}`),
    `  leaves with it: ${count(module.files, 'file')}, ${count(module.lines, 'line')}, ${count(module.endpoints.length, 'endpoint')}`,
    ...list('tables', module.tables),
    ...list('variables', module.variables),
    ...list('session keys', module.sessionKeys),
    ...list('shares code', shares),
    ...list('shares variables', module.sharedVariables),
    ...(own.length === 0 ? ['  nothing to cut'] : [`  to cut: ${count(own.length, 'coupling')}`]),
    ...own.slice(0, SHOWN).map(cutLine),
    ...(own.length > SHOWN ? [`    and ${own.length - SHOWN} more; --json has them all`] : []),
  ];
}

function sharedSection({ couplings }: Boundaries): readonly string[] {
  const own = couplings.filter(({ from }) => from === SHARED);
  if (own.length === 0) return [];
  return [
    '',
    pc.bold('Shared code that uses modules'),
    ...own.slice(0, SHOWN).map(cutLine),
    ...(own.length > SHOWN ? [`    and ${own.length - SHOWN} more; --json has them all`] : []),
  ];
}

const cutLine = (coupling: Coupling): string => `    ${placeOf(coupling)}  ${describeCoupling(coupling)}`;

function unreadSection({ unread, statements }: Boundaries): readonly string[] {
  return [
    ...(statements === 'unreadable'
      ? ['', 'pg_stat_statements is not installed in this database, or its role may not read it.']
      : []),
    ...(unread.length === 0
      ? []
      : ['', pc.bold(`Unread: ${count(unread.length, 'place')} to look at by hand`)]),
    ...unread.map(({ file, line, reason }) => `    ${file}:${line}  ${reason}`),
  ];
}
