import { SHARED, type Boundaries, type Coupling, type ModuleReport } from '../../../inspection/index.ts';
import { describeCoupling, placeOf } from './describe-coupling.ts';
import { graphSvg } from './html-graph.ts';
import { STYLE } from './html-style.ts';
import { count } from './count.ts';
import { anchorOf, escaped } from './html-text.ts';

/** The whole report as one page that loads nothing. */
export function htmlReport(found: Boundaries, source: string): string {
  const { modules, tables, couplings, unread } = found;
  const totals = [
    [modules.length, 'modules'],
    [tables.length, 'tables'],
    [couplings.length, 'couplings'],
    [unread.length, 'unread places'],
  ] as const;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Boundaries of ${escaped(source)}</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<h1>Boundaries of ${escaped(source)}</h1>
<p class="dim">Where the application can be cut: what ties its modules to each other.</p>
<ul class="totals">${totals.map(([n, word]) => `<li><b>${n.toLocaleString('en-US')}</b> ${word}</li>`).join('')}</ul>
</header>
<main>
<section aria-labelledby="order"><h2 id="order">Suggested order of leaving</h2>
<p>Each step takes the module that then costs the least to cut. The cost counts every coupling of the module that is left, weighted by its kind.</p>
<ol class="order">${found.order.map(({ module, cost }) => `<li>${link(module)}, cost ${cost.toFixed(1)}</li>`).join('')}</ol>
</section>
<section aria-labelledby="graph"><h2 id="graph">Graph</h2>
<p>An arrow leads from a module to what it uses, and is wider with more places. Orange arrows write tables or state. Larger circles have more lines.</p>
${scroll('Graph of the modules', graphSvg(found))}
</section>
<section aria-labelledby="modules"><h2 id="modules">Modules use modules</h2>
<p>Places in which the module of a row uses the module of a column.</p>
${scroll('Modules use modules', moduleMatrix(found))}
</section>
<section aria-labelledby="tables"><h2 id="tables">Modules use tables</h2>
<p>r: reads, w: writes, with places. A frame marks the owner.</p>
${scroll('Modules use tables', tableMatrix(found))}
</section>
<section aria-labelledby="cuts"><h2 id="cuts">What leaves, what is shared, what must be cut</h2>
${modules
  .toSorted((a, b) => a.cost - b.cost)
  .map((module) => moduleDetails(module, found))
  .join('\n')}
${sharedDetails(found)}
</section>
${unreadSection(found)}
</main>
</body>
</html>
`;
}

const link = (module: string): string => `<a href="#${escaped(anchorOf(module))}">${escaped(module)}</a>`;

/** A region that scrolls sideways, by the keyboard as well. */
const scroll = (label: string, content: string): string =>
  `<div class="scroll" role="region" tabindex="0" aria-label="${escaped(label)}">${content}</div>`;

const heat = (places: number): string => (places >= 6 ? 'h3' : places >= 3 ? 'h2' : 'h1');

function moduleMatrix({ modules, matrix, couplings }: Boundaries): string {
  const isShared = couplings.some(({ from, to }) => from === SHARED || to === SHARED);
  const names = [...modules.map(({ name }) => name), ...(isShared ? [SHARED] : [])];
  const cells = new Map(
    matrix.modules.map((cell) => [JSON.stringify([cell.module, cell.target]), cell.places]),
  );
  const cellOf = (from: string, to: string): string => {
    if (from === to) return '<td class="n self">–</td>';
    const places = cells.get(JSON.stringify([from, to]));
    return places === undefined ? '<td></td>' : `<td class="n ${heat(places)}">${places}</td>`;
  };
  return `<table><caption>Modules use modules</caption>
<thead><tr><td></td>${names.map((name) => `<th scope="col">${escaped(name)}</th>`).join('')}</tr></thead>
<tbody>${names.map((from) => `<tr><th scope="row">${escaped(from)}</th>${names.map((to) => cellOf(from, to)).join('')}</tr>`).join('\n')}</tbody>
</table>`;
}

function tableMatrix({ modules, tables, matrix }: Boundaries): string {
  const columns = [...modules.map(({ name }) => name), SHARED];
  const cells = new Map(matrix.tables.map((cell) => [JSON.stringify([cell.module, cell.target]), cell]));
  const counted = tables.some(({ calls }) => calls !== null);
  const cellOf = (module: string, table: string, owner: string): string => {
    const cell = cells.get(JSON.stringify([module, table]));
    const isOwner = owner === module;
    if (cell === undefined) return isOwner ? '<td class="n own">owns</td>' : '<td></td>';
    const text = `${cell.access === 'write' ? 'w' : 'r'} ${cell.places}`;
    return `<td class="n ${isOwner ? 'own' : heat(cell.places + (cell.access === 'write' ? 2 : 0))}">${text}</td>`;
  };
  const rowOf = ({ name, kind, owner, calls }: Boundaries['tables'][number]): string =>
    `<tr><th scope="row">${escaped(name)}${kind === 'view' ? ' (view)' : ''}</th>${columns.map((module) => cellOf(module, name, owner)).join('')}${counted ? `<td class="n">${(calls ?? 0).toLocaleString('en-US')}</td>` : ''}</tr>`;
  return `<table><caption>Modules use tables</caption>
<thead><tr><td></td>${columns.map((name) => `<th scope="col">${escaped(name)}</th>`).join('')}${counted ? '<th scope="col">calls</th>' : ''}</tr></thead>
<tbody>${tables.map(rowOf).join('\n')}</tbody>
</table>`;
}

function moduleDetails(module: ModuleReport, { couplings }: Boundaries): string {
  const own = couplings.filter(({ from, to }) => from === module.name || to === module.name);
  const shared = module.shares.filter((one) => one.with.length > 0).map(({ file }) => file);
  const rows: readonly (readonly [string, readonly string[]])[] = [
    ['endpoints', module.endpoints.map(({ method, path }) => `${method} ${path}`)],
    ['tables', module.tables],
    ['packages', module.packages],
    ['variables', module.variables],
    ['session keys', module.sessionKeys],
    ['shared code', shared],
    ['shared variables', module.sharedVariables],
  ];
  const facts = rows
    .filter(([, items]) => items.length > 0)
    .map(
      ([name, items]) =>
        `<dt>${name}</dt><dd>${items.map((item) => `<code>${escaped(item)}</code>`).join(', ')}</dd>`,
    );
  return `<details id="${escaped(anchorOf(module.name))}"><summary>${escaped(module.name)} <span>cost ${module.cost.toFixed(1)}; ${count(module.files, 'file')}, ${count(module.lines, 'line')}, ${count(own.length, 'coupling')}</span></summary>
<dl>${facts.join('\n')}</dl>
${own.length === 0 ? '<p>Nothing to cut.</p>' : scroll(`Couplings of ${module.name}`, couplingTable(own, `Couplings of ${module.name}`))}<p></p>
</details>`;
}

function sharedDetails({ couplings }: Boundaries): string {
  const own = couplings.filter(({ from }) => from === SHARED);
  if (own.length === 0) return '';
  return `<details><summary>Shared code that uses modules <span>${count(own.length, 'coupling')}</span></summary>
${scroll('Couplings of shared code', couplingTable(own, 'Couplings of shared code'))}<p></p>
</details>`;
}

const couplingTable = (couplings: readonly Coupling[], caption: string): string =>
  `<table class="wide"><caption>${escaped(caption)}</caption>
<thead><tr><th scope="col">kind</th><th scope="col">coupling</th><th scope="col">place</th></tr></thead>
<tbody>${couplings
    .map(
      (coupling) =>
        `<tr><td>${coupling.kind}</td><td>${escaped(describeCoupling(coupling))}</td><td><code>${escaped(placeOf(coupling))}</code></td></tr>`,
    )
    .join('\n')}</tbody></table>`;

function unreadSection({ unread }: Boundaries): string {
  if (unread.length === 0) return '';
  return `<section aria-labelledby="unread"><h2 id="unread">Unread</h2>
<p>Tables that could not be determined. Look at these places by hand.</p>
${scroll(
  'Unread places',
  `<table class="wide"><caption>Unread places</caption><thead><tr><th scope="col">place</th><th scope="col">reason</th></tr></thead>
<tbody>${unread.map(({ file, line, reason }) => `<tr><td><code>${escaped(file)}:${line}</code></td><td>${escaped(reason)}</td></tr>`).join('\n')}</tbody></table>`,
)}
</section>`;
}
