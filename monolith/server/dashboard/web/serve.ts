import { stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { Router, type Request, type RequestHandler, type Response } from 'express';
import { buildFolders } from './builds.ts';
import type { WebKeeper } from './keeper.ts';

/**
 * Allows only scripts of this server. Styles need `unsafe-inline`, because Angular inserts component styles into
 * the head.
 */
const CONTENT_SECURITY_POLICY = [
  "default-src 'self'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "object-src 'none'",
  "base-uri 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

const STARTING = `<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="2">
<title>Starting</title><body style="font:16px system-ui;display:grid;place-content:center;min-height:90vh">
<p>The dashboard is being built. This page opens it by itself.</p></body></html>`;

/**
 * Serves the dashboard: files of the newest build (and of a few older ones, for open pages), `/web-build.json`,
 * and the page itself for every address that a browser navigates to. Mount it last: passes `/api` and requests
 * that do not accept HTML to the next handler.
 */
export function serveWeb({ outDir, keeper }: { outDir: string; keeper: WebKeeper }): Router {
  const router = Router();
  router.get('/web-build.json', async (_request, response) => {
    response.set('Cache-Control', 'no-store').json(await keeper.state());
  });
  router.get('/{*path}', secured, serveFile(outDir), servePage(outDir));
  return router;
}

const secured: RequestHandler = (request, response, next) => {
  if (request.path.startsWith('/api/')) {
    next('router');
    return;
  }
  response.set({
    'Content-Security-Policy': CONTENT_SECURITY_POLICY,
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'same-origin',
  });
  next();
};

/** Files whose names carry a hash of their content never change. */
const HASHED = /-[A-Za-z0-9_-]{8}\.[a-z0-9]+$/;
/** File names without path traversal. */
const FILE_NAME = /^\/[\w-]+(\/[\w-]+)*(\.[\w-]+)+$/;
const PACKED = [
  { encoding: 'br', extension: '.br' },
  { encoding: 'gzip', extension: '.gz' },
] as const;

function serveFile(outDir: string): RequestHandler {
  return async (request, response, next) => {
    const name = request.path;
    if (!FILE_NAME.test(name) || name === '/index.html') {
      next();
      return;
    }
    const folder = await folderOf(outDir, name);
    if (folder === null) {
      next();
      return;
    }
    const forever = HASHED.test(name);
    response.set('Cache-Control', forever ? 'public, max-age=31536000, immutable' : 'no-cache');
    await sendPacked(request, response, { folder, name: name.slice(1) });
  };
}

/** The build that has the file. */
async function folderOf(outDir: string, name: string): Promise<string | null> {
  const [current, ...older] = await buildFolders(outDir);
  for (const folder of HASHED.test(name) ? [current, ...older] : [current])
    if (folder !== undefined && (await isFile(folder + name))) return folder;
  return null;
}

/** Pages of the dashboard; those of tools among them. */
const PAGE = /^\/(?:(?:tools|exports)(?:\/.*)?|forbidden)$/;
const FILES_OF_PAGES = new Set(['/tool-platform.svg', '/web-build.json']);

/** Whether an address is one of the dashboard alone, beside those of an application. The sign-in is none. */
export async function isDashboardAddress(outDir: string, name: string): Promise<boolean> {
  if (PAGE.test(name) || FILES_OF_PAGES.has(name)) return true;
  return HASHED.test(name) && FILE_NAME.test(name) && (await folderOf(outDir, name)) !== null;
}

/** Sends the smallest encoding that the browser accepts. */
async function sendPacked(
  request: Request,
  response: Response,
  { folder, name }: { readonly folder: string; readonly name: string },
): Promise<void> {
  response.vary('Accept-Encoding');
  for (const { encoding, extension } of PACKED) {
    if (request.acceptsEncodings(encoding) === false || !(await isFile(`${folder}/${name}${extension}`)))
      continue;
    response.type(extname(name)).set('Content-Encoding', encoding);
    response.sendFile(name + extension, { root: folder, cacheControl: false });
    return;
  }
  response.sendFile(name, { root: folder, cacheControl: false });
}

const isFile = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isFile(),
    () => false,
  );

function servePage(outDir: string): RequestHandler {
  return async (request, response, next) => {
    const wantsPage = request.accepts(['html', 'json']) === 'html' && !FILE_NAME.test(request.path);
    if (!wantsPage && request.path !== '/index.html') {
      next();
      return;
    }
    response.set('Cache-Control', 'no-cache');
    const [current] = await buildFolders(outDir);
    if (current === undefined) response.status(503).set('Retry-After', '2').type('html').send(STARTING);
    else await sendPacked(request, response, { folder: current, name: 'index.html' });
  };
}
