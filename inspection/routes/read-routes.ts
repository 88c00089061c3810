import { Node, SyntaxKind, type CallExpression, type SourceFile } from 'ts-morph';
import { bare, constantOf, definitionOf, lastName } from '../source/definition.ts';
import { knownText } from '../source/evaluate.ts';
import { returnedRouter, routerOf } from './router-of.ts';
import { nodesOfKind } from '../source/nodes.ts';

export interface Route {
  /** Upper case; `ALL` for every method. */
  readonly method: string;
  /** Express path below the tool's router. */
  readonly path: string;
  readonly node: Node;
}

export interface Routes {
  readonly routes: readonly Route[];
  /** Calls whose path is computed at run time. */
  readonly unreadable: readonly Node[];
}

const VERBS = new Set(['get', 'post', 'put', 'patch', 'delete', 'all']);

type Step =
  | { readonly kind: 'route'; readonly method: string; readonly path: string | null; readonly node: Node }
  | { readonly kind: 'mount'; readonly router: Node; readonly path: string | null; readonly node: Node };

/**
 * Routes of the router that the default export of `backend/index.ts` returns, mounted routers included.
 * `null` when the returned router cannot be determined.
 */
export function readRoutes(entry: SourceFile, sources: Iterable<SourceFile>): Routes | null {
  const start = returnedRouter(entry.getDefaultExportSymbol()?.getDeclarations()[0]);
  if (start === undefined) return null;
  return routesFrom(
    [start],
    stepsByRouter([...sources].flatMap((source) => nodesOfKind(source, SyntaxKind.CallExpression))),
  );
}

/**
 * Routes of every router, at the paths below which the routers are mounted. A router that is mounted nowhere begins at
 * `/`. Paths that are computed at run time are left out.
 */
export function readAllRoutes(sources: readonly SourceFile[]): readonly Route[] {
  const steps = stepsByRouter(
    sources.flatMap((source) => source.getDescendantsOfKind(SyntaxKind.CallExpression)),
  );
  const mounted = new Set(
    [...steps.values()].flat().flatMap((step) => (step.kind === 'mount' ? [step.router] : [])),
  );
  return routesFrom(
    [...steps.keys()].filter((router) => !mounted.has(router)),
    steps,
  ).routes;
}

/** The routes of routers and of the routers mounted on them. */
function routesFrom(starts: readonly Node[], steps: ReadonlyMap<Node, readonly Step[]>): Routes {
  const routes: Route[] = [];
  const unreadable: Node[] = [];
  const visit = (router: Node, prefix: string, above: readonly Node[]): void => {
    if (above.includes(router)) return;
    for (const step of steps.get(router) ?? [])
      if (step.path === null) unreadable.push(step.node);
      else if (step.kind === 'route')
        routes.push({ method: step.method, path: joined(prefix, step.path), node: step.node });
      else visit(step.router, joined(prefix, step.path), [...above, router]);
  };
  for (const start of starts) visit(start, '', []);
  return { routes, unreadable };
}

function stepsByRouter(calls: readonly CallExpression[]): ReadonlyMap<Node, readonly Step[]> {
  const steps = new Map<Node, Step[]>();
  for (const call of calls)
    for (const [router, found] of [
      ...stepsOfMember(call),
      ...stepsOfElement(call),
      ...stepsOfArguments(call),
    ]) {
      const known = steps.get(router) ?? [];
      known.push(...found);
      steps.set(router, known);
    }
  return steps;
}

type StepsOfRouter = readonly [router: Node, steps: readonly Step[]];

/** `router.get('/x', handler)`, `router.route('/x').get(handler)` and `router.use('/x', other)`. */
function stepsOfMember(call: CallExpression): readonly StepsOfRouter[] {
  const callee = call.getExpression();
  if (!Node.isPropertyAccessExpression(callee)) return [];
  const name = callee.getName();
  const object = bare(callee.getExpression());
  const on = VERBS.has(name) ? routeChain(object) : null;
  const router = routerOf(on?.router ?? object);
  if (router === undefined) return [];
  if (name === 'use') return [[router, mountsOf(call)]];
  // app.get('setting') has no handler and defines no route
  if (!VERBS.has(name) || (on === null && call.getArguments().length < 2)) return [];
  const paths = on === null ? pathsOf(call.getArguments()[0]) : on.paths;
  const method = name.toUpperCase();
  return [[router, paths.map((path) => ({ kind: 'route', method, path, node: call }))]];
}

/** `router[method]('/x', handler)`. */
function stepsOfElement(call: CallExpression): readonly StepsOfRouter[] {
  const callee = call.getExpression();
  if (!Node.isElementAccessExpression(callee)) return [];
  const router = routerOf(bare(callee.getExpression()));
  if (router === undefined) return [];
  const key = callee.getArgumentExpression();
  const methods = key === undefined ? null : choicesOf(key);
  const paths = pathsOf(call.getArguments()[0]);
  const route = (method: string, path: string | null): Step => ({ kind: 'route', method, path, node: call });
  if (methods === null) return [[router, paths.map(() => route('', null))]];
  const verbs = methods.filter((method) => VERBS.has(method));
  return [[router, verbs.flatMap((verb) => paths.map((path) => route(verb.toUpperCase(), path)))]];
}

function stepsOfArguments(call: CallExpression): readonly StepsOfRouter[] {
  return routersPassedTo(call).map(([parameter, router]) => [
    router,
    [
      parameter === null
        ? { kind: 'route', method: 'ALL', path: null, node: call }
        : { kind: 'mount', router: parameter, path: '', node: call },
    ],
  ]);
}

/** Possible values of a name: a literal, or the items that a loop or `forEach` iterates over; `null`: unknown. */
function choicesOf(name: Node): readonly string[] | null {
  const known = knownText(name);
  if (known !== null) return [known];
  const definition = Node.isIdentifier(name) ? definitionOf(name) : undefined;
  const loop = definition?.getFirstAncestor(Node.isForOfStatement);
  const list = Node.isParameterDeclaration(definition) ? listBefore(definition) : loop?.getExpression();
  const elements = list === undefined ? undefined : bare(list);
  if (!Node.isArrayLiteralExpression(elements)) return null;
  const texts = elements.getElements().map((element) => knownText(element));
  return texts.every((text) => text !== null) ? texts : null;
}

/** `[...].forEach((x) => ...)`: the list of a callback's parameter. */
function listBefore(parameter: Node): Node | undefined {
  const call = parameter.getParent()?.getParent();
  const callee = Node.isCallExpression(call) ? call.getExpression() : undefined;
  return Node.isPropertyAccessExpression(callee) ? callee.getExpression() : undefined;
}

/** `router.route('/x').get(a).post(b)`: the router and the path below the verbs. */
function routeChain(chained: Node): { router: Node; paths: readonly (string | null)[] } | null {
  const object = namedRoute(chained);
  if (!Node.isCallExpression(object)) return null;
  const callee = object.getExpression();
  if (!Node.isPropertyAccessExpression(callee)) return null;
  const inner = bare(callee.getExpression());
  if (callee.getName() === 'route') return { router: inner, paths: pathsOf(object.getArguments()[0]) };
  return VERBS.has(callee.getName()) ? routeChain(inner) : null;
}

/** Resolves `route` of `const route = router.route('/x')`. */
function namedRoute(object: Node): Node {
  const value = Node.isIdentifier(object) ? constantOf(object) : undefined;
  return value === undefined ? object : bare(value);
}

function pathsOf(argument: Node | undefined): readonly (string | null)[] {
  if (argument === undefined) return [null];
  const node = bare(argument);
  const all = Node.isArrayLiteralExpression(node) ? node.getElements() : [node];
  return all.map((one) => knownText(one));
}

/** `router.use('/x', guard, other)`: each argument that is a router, at each path. */
function mountsOf(call: CallExpression): readonly Step[] {
  const args = call.getArguments();
  const [first] = args;
  const routers = args.flatMap((argument) => {
    const list = bare(argument);
    return (Node.isArrayLiteralExpression(list) ? list.getElements() : [list]).flatMap(
      (a) => routerOf(a) ?? [],
    );
  });
  const hasPath = first !== undefined && !Node.isArrowFunction(bare(first)) && routerOf(first) === undefined;
  const paths = hasPath && args.length > 1 && isPath(bare(first)) ? pathsOf(first) : [''];
  return routers.flatMap((router) =>
    paths.map((path) => ({ kind: 'mount', router, path, node: call }) as const),
  );
}

/** Whether the first argument of `use` is a path and not a handler. */
const isPath = (node: Node): boolean =>
  knownText(node) !== null ||
  Node.isArrayLiteralExpression(node) ||
  Node.isTemplateExpression(node) ||
  Node.isRegularExpressionLiteral(node);

/**
 * `register(router)`: pairs the function's parameter with the router; `null` for an unknown function, which may add
 * any route.
 */
function routersPassedTo(call: CallExpression): readonly (readonly [Node | null, Node])[] {
  const callee = bare(call.getExpression());
  if (ADDS_TO_ROUTER.test(lastName(callee))) return [];
  const routers = call.getArguments().map((one) => (isName(one) ? routerOf(one) : undefined));
  if (routers.every((router) => router === undefined)) return [];
  const definition = definitionOf(Node.isPropertyAccessExpression(callee) ? callee.getNameNode() : callee);
  const fn = Node.isVariableDeclaration(definition) ? definition.getInitializer() : definition;
  const known =
    Node.isFunctionDeclaration(fn) ||
    Node.isArrowFunction(fn) ||
    Node.isFunctionExpression(fn) ||
    Node.isMethodDeclaration(fn);
  return routers.flatMap((router, i) => {
    const parameter = known ? fn.getParameters()[i] : null;
    if (router === undefined || parameter === undefined || router === parameter) return [];
    return [[parameter, router] as const];
  });
}

/** Methods of routers, whose router arguments are mounts. */
const ADDS_TO_ROUTER = /^(use|get|post|put|patch|delete|all|head|options|route|param)$/;

const isName = (node: Node): boolean => Node.isIdentifier(node) || Node.isPropertyAccessExpression(node);

function joined(prefix: string, path: string): string {
  const whole = `${prefix}/${path}`.replace(/\/{2,}/g, '/');
  return whole.length > 1 ? whole.replace(/\/$/, '') : whole;
}
