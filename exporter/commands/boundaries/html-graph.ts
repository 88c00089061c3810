import { SHARED, type Boundaries } from '../../../inspection/index.ts';
import { count } from './count.ts';
import { escaped } from './html-text.ts';

const WIDTH = 720;
const HEIGHT = 560;
const CENTRE = { x: WIDTH / 2, y: HEIGHT / 2 };
/** Room for the names beside the circle. */
const MARGIN = 90;
const SHORTEST_NODE = 14;
const LONGEST_NODE = 34;

interface Point {
  readonly x: number;
  readonly y: number;
}

interface Node extends Point {
  readonly name: string;
  readonly radius: number;
}

/** Modules on a circle in the suggested order of leaving, with an arrow from each user to what it uses. */
export function graphSvg(found: Boundaries): string {
  const nodes = placeNodes(found);
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const edges = edgesOf(found);
  const arrows = edges.flatMap((edge) => {
    const from = byName.get(edge.from);
    const to = byName.get(edge.to);
    return from === undefined || to === undefined ? [] : [arrow(from, to, edge)];
  });
  const text = edges
    .map(({ from, to, places }) => `${from} uses ${to} in ${count(places, 'place')}`)
    .join('; ');
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-labelledby="graph-title graph-text">
<title id="graph-title">Which module uses which</title><desc id="graph-text">${escaped(text)}</desc>
${arrows.join('\n')}
${nodes.map(circle).join('\n')}
</svg>`;
}

function placeNodes({ modules, order, shared, couplings }: Boundaries): readonly Node[] {
  const lines = new Map([
    ...modules.map((module) => [module.name, module.lines] as const),
    [SHARED, shared.lines],
  ]);
  const usesShared = couplings.some(({ from, to }) => from === SHARED || to === SHARED);
  const names = [...order.map(({ module }) => module), ...(usesShared ? [SHARED] : [])];
  const most = Math.max(1, ...names.map((name) => lines.get(name) ?? 0));
  return names.map((name, i) => {
    const angle = (2 * Math.PI * i) / names.length - Math.PI / 2;
    return {
      name,
      x: CENTRE.x + (CENTRE.x - MARGIN) * Math.cos(angle),
      y: CENTRE.y + (CENTRE.y - MARGIN / 1.6) * Math.sin(angle),
      radius: SHORTEST_NODE + (LONGEST_NODE - SHORTEST_NODE) * Math.sqrt((lines.get(name) ?? 0) / most),
    };
  });
}

const circle = ({ name, x, y, radius }: Node): string => {
  const below = y + radius + 16;
  return `<circle class="node${name === SHARED ? ' shared' : ''}" cx="${n(x)}" cy="${n(y)}" r="${n(radius)}"/><text x="${n(x)}" y="${n(below)}">${escaped(name)}</text>`;
};

interface Edge {
  readonly from: string;
  readonly to: string;
  readonly places: number;
  /** Writes tables or state of the other module. */
  readonly writes: boolean;
}

function edgesOf({ couplings }: Boundaries): readonly Edge[] {
  const groups = Map.groupBy(couplings, ({ from, to }) => JSON.stringify([from, to]));
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const places = group.reduce((sum, { lines }) => sum + Math.max(1, lines.length), 0);
    return [
      { from: first.from, to: first.to, places, writes: group.some(({ access }) => access === 'write') },
    ];
  });
}

/** A curve that bends towards the centre, so that both directions of a pair stay apart. */
function arrow(from: Node, to: Node, { places, writes }: Edge): string {
  const middle = { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 };
  const side = { x: (to.y - from.y) * 0.12, y: (from.x - to.x) * 0.12 };
  const bend = {
    x: middle.x + (CENTRE.x - middle.x) * 0.25 + side.x,
    y: middle.y + (CENTRE.y - middle.y) * 0.25 + side.y,
  };
  const start = towards(from, bend, from.radius);
  const end = towards(to, bend, to.radius + 9);
  const tip = towards(to, bend, to.radius + 1);
  const width = Math.min(6, 1 + Math.log2(places));
  const kind = writes ? ' write' : '';
  const across = { x: (end.y - tip.y) * (0.35 + width / 14), y: (tip.x - end.x) * (0.35 + width / 14) };
  return `<g><path class="edge${kind}" stroke-width="${n(width)}" d="M${pair(start)} Q${pair(bend)} ${pair(end)}"/><path class="tip${kind}" d="M${pair(tip)} L${n(end.x + across.x)} ${n(end.y + across.y)} L${n(end.x - across.x)} ${n(end.y - across.y)}Z"/></g>`;
}

function towards(from: Point, to: Point, distance: number): Point {
  const length = Math.hypot(to.x - from.x, to.y - from.y) || 1;
  return {
    x: from.x + ((to.x - from.x) * distance) / length,
    y: from.y + ((to.y - from.y) * distance) / length,
  };
}

const n = (value: number): string => value.toFixed(1);
const pair = ({ x, y }: Point): string => `${n(x)} ${n(y)}`;
