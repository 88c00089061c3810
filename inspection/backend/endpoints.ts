import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ts } from 'ts-morph';
import { formsOf, pathProblem, shapeOf, textOf } from '../../contracts/endpoint-path.ts';
import type { Endpoint } from '../../contracts/manifest.ts';
import type { Finding } from '../../contracts/plan.ts';
import { readRoutes, type Route } from '../routes/read-routes.ts';
import { backendError } from '../findings.ts';
import type { CheckContext, CodeCheck } from './context.ts';

/** Finds endpoints that no route serves and routes that the manifest does not list. */
export const checkEndpoints: CodeCheck = (context) => {
  const { graph, names, manifest, running } = context;
  const entry = graph.sources.get(`${names.toolFolder}/backend/index.ts`);
  if (entry === undefined) return [noEntry(names.toolFolder)];
  const sources = [...graph.sources].filter(([file]) => running.has(file)).map(([, source]) => source);
  const read = readRoutes(entry, sources);
  if (read === null)
    return [
      notRead(names.toolFolder, 'the router that createRouter returns cannot be determined from the code'),
    ];
  const routes = read.routes.flatMap(formsOfRoute);
  const endpoints = manifest.endpoints.map((endpoint) => ({ endpoint, shapes: shapesOf(endpoint.path) }));
  const undeclared = routes.filter((route) =>
    endpoints.every(({ endpoint, shapes }) => !shapes.some((shape) => serves(route, endpoint, shape))),
  );
  const unserved = endpoints
    .filter(
      ({ endpoint, shapes }) =>
        !shapes.every((shape) => routes.some((route) => serves(route, endpoint, shape))),
    )
    .map(({ endpoint }) => endpoint);
  return [
    ...routes.filter(isReserved).map((route) => reservedFinding(route, context)),
    ...undeclared.map((route) => undeclaredFinding(route, context)),
    // A route with a computed path may serve the endpoint
    ...(read.unreadable.length > 0
      ? [notRead(names.toolFolder, 'some paths are computed at run time')]
      : unserved.map((endpoint) => unservedFinding(endpoint, context))),
  ];
};

interface RouteForm extends Route {
  readonly shape: string;
}

/** `/items{/:id}` serves two paths. */
function formsOfRoute(route: Route): readonly RouteForm[] {
  if (pathProblem(route.path) !== null) return [{ ...route, shape: route.path.toLowerCase() }]; // the tool does not start
  return formsOf(route.path).map((form) => ({
    ...route,
    path: form.length === 0 ? '/' : textOf(form),
    shape: shapeOf(form) || '/',
  }));
}

const shapesOf = (path: string): readonly string[] => formsOf(path).map((form) => shapeOf(form) || '/');

const WILDCARD = shapeOf([{ type: 'wildcard', name: 'path' }]);

/** A wildcard at the end serves every path below it. */
function serves(route: RouteForm, { method }: Endpoint, shape: string): boolean {
  if (route.method !== 'ALL' && route.method !== method) return false;
  if (route.shape.endsWith(`/${WILDCARD}`)) return shape.startsWith(route.shape.slice(0, -WILDCARD.length));
  return route.shape === shape;
}

/** The service's own health endpoint hides such a route. */
const isReserved = ({ method, path: address }: Route): boolean =>
  (method === 'GET' || method === 'ALL') && address.toLowerCase() === '/health';

function reservedFinding(route: Route, { root, manifest }: CheckContext): Finding {
  return backendError({
    code: 'code-endpoint-reserved',
    file: fileOf(route, root),
    line: lineOfVerb(route),
    message: `GET /api/${manifest.id}/health is the service's own health endpoint and would hide this route.`,
    remedy: 'Change the path of the route, for example to /status, here and in the manifest.',
  });
}

const fileOf = ({ node }: Route, root: string): string =>
  path.relative(root, node.getSourceFile().getFilePath()).split(path.sep).join('/');

function undeclaredFinding(route: Route, { root, names }: CheckContext): Finding {
  const method = route.method === 'ALL' ? 'GET' : route.method;
  return backendError({
    code: 'code-endpoint-undeclared',
    file: fileOf(route, root),
    line: lineOfVerb(route),
    message: `The route ${route.method} ${route.path} is not listed in the manifest.`,
    remedy: `Add it to ${names.toolFolder}/manifest.json under /endpoints: { "method": "${method}", "path": "${route.path}" }.`,
  });
}

/** Line of this call, not of the first one in its chain. */
function lineOfVerb({ node }: Route): number {
  const callee = node.getChildAtIndex(0);
  const end = callee.getEnd();
  return node.getSourceFile().getLineAndColumnAtPos(end).line;
}

function unservedFinding(endpoint: Endpoint, { root, names, manifest }: CheckContext): Finding {
  const file = `${names.toolFolder}/manifest.json`;
  return backendError({
    code: 'code-endpoint-unserved',
    file,
    line: endpointLine(path.join(root, file), manifest.endpoints.indexOf(endpoint)),
    message: `The manifest lists ${endpoint.method} ${endpoint.path}, but no route serves it.`,
    remedy: `Add a route in ${names.toolFolder}/backend/, or remove the endpoint from the manifest.`,
  });
}

/** Line of `/endpoints/<index>` in a manifest. */
function endpointLine(file: string, index: number): number {
  const json = ts.parseJsonText(file, readFileSync(file, 'utf8'));
  const [statement] = json.statements;
  const whole = statement?.expression;
  if (whole === undefined || !ts.isObjectLiteralExpression(whole)) return 1;
  const list = whole.properties.find(
    (p) => ts.isPropertyAssignment(p) && p.name.getText(json) === '"endpoints"',
  );
  if (list === undefined || !ts.isPropertyAssignment(list) || !ts.isArrayLiteralExpression(list.initializer))
    return 1;
  const element = list.initializer.elements[index];
  return element === undefined ? 1 : json.getLineAndCharacterOfPosition(element.getStart(json)).line + 1;
}

const noEntry = (toolFolder: string): Finding =>
  backendError({
    code: 'code-import-unresolved',
    file: `${toolFolder}/backend/index.ts`,
    line: 1,
    message: `${toolFolder}/backend/index.ts is missing, so the tool has no backend to host.`,
    remedy: 'Create the file with createRouter(context) as its default export.',
  });

const notRead = (toolFolder: string, why: string): Finding => ({
  code: 'endpoints-not-compared',
  severity: 'info',
  step: 'backend',
  file: `${toolFolder}/backend/index.ts`,
  message: `Endpoints were not compared with the manifest: ${why}.`,
  remedy: '',
});
