/** Styles of the page. Every text has a contrast of at least 4.5:1 in both colour schemes. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --page: #fff; --text: #1b1f24; --dim: #57606a; --line: #d0d7de; --panel: #f6f8fa; --link: #0550ae;
  --own: #1a7f37; --edge: #6e7781; --write: #b35900; --node: #ddf4ff; --node-line: #0969da;
  --heat-1: #fff1e5; --heat-2: #ffd8b5; --heat-3: #ffb77c; --heat-text: #1b1f24;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0d1117; --text: #e6edf3; --dim: #9ea7b3; --line: #3d444d; --panel: #161b22; --link: #79c0ff;
    --own: #56d364; --edge: #8b949e; --write: #f0883e; --node: #12253f; --node-line: #58a6ff;
    --heat-1: #2d1f12; --heat-2: #4d2f14; --heat-3: #7a4510; --heat-text: #fff;
  }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem; max-width: 80rem; background: var(--page); color: var(--text);
  font: 1rem/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; margin: 0; } h2 { font-size: 1.2rem; margin: 2.5rem 0 .5rem; }
a { color: var(--link); } p { margin: .4rem 0; max-width: 46rem; } .dim { color: var(--dim); }
ul.totals { display: flex; flex-wrap: wrap; gap: .75rem; list-style: none; margin: 1rem 0; padding: 0; }
ul.totals li { background: var(--panel); border: 1px solid var(--line); border-radius: .5rem; padding: .5rem 1rem; }
ul.totals b { display: block; font-size: 1.4rem; line-height: 1.2; }
.scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: .5rem; }
.scroll:focus-visible, a:focus-visible, summary:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
table { border-collapse: collapse; font-size: .875rem; }
table.wide { width: 100%; } table.wide td { min-width: 7rem; } table.wide td:nth-child(2) { min-width: 16rem; }
table.wide td code { white-space: nowrap; }
caption { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
th, td { border-bottom: 1px solid var(--line); padding: .3rem .6rem; text-align: left; vertical-align: top; }
tr:last-child > * { border-bottom: 0; }
thead th { background: var(--panel); white-space: nowrap; }
tbody th { background: var(--panel); font-weight: 600; white-space: nowrap; position: sticky; left: 0; }
td.n { text-align: center; font-variant-numeric: tabular-nums; white-space: nowrap; }
td.self { color: var(--dim); } td.own { box-shadow: inset 0 0 0 2px var(--own); font-weight: 600; }
td.h1, td.h2, td.h3 { color: var(--heat-text); }
td.h1 { background: var(--heat-1); } td.h2 { background: var(--heat-2); } td.h3 { background: var(--heat-3); }
code { font: .8125rem/1.4 ui-monospace, monospace; overflow-wrap: anywhere; }
details { border: 1px solid var(--line); border-radius: .5rem; margin: .5rem 0; padding: 0 1rem; }
summary { cursor: pointer; padding: .6rem 0; font-weight: 600; }
summary span { color: var(--dim); font-weight: 400; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; margin: 0 0 1rem; }
dt { color: var(--dim); } dd { margin: 0; overflow-wrap: anywhere; }
@media (max-width: 40rem) { body { padding: 1rem; } dl { grid-template-columns: 1fr; } dd { margin-bottom: .4rem; } }
svg { display: block; min-width: 34rem; width: 100%; max-width: 48rem; height: auto; margin: 0 auto; }
svg text { fill: var(--text); font: 600 13px system-ui, sans-serif; text-anchor: middle;
  paint-order: stroke; stroke: var(--page); stroke-width: 4px; stroke-linejoin: round; }
svg .node { fill: var(--node); stroke: var(--node-line); stroke-width: 1.5; }
svg .shared { stroke-dasharray: 5 4; }
svg .edge { fill: none; stroke: var(--edge); } svg .edge.write { stroke: var(--write); }
svg .tip { fill: var(--edge); } svg .tip.write { fill: var(--write); }
ol.order { padding-left: 1.5rem; columns: 14rem; }
`;
