import { cp, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createRequire } from 'node:module';
import type { Ignore } from '@balena/dockerignore';
import type Docker from 'dockerode';
import { PlatformError } from '../../../contracts/errors.ts';
import { PROJECT_LABEL, TOOL_LABEL } from './engine.ts';

export interface BuildRequest {
  readonly tag: string;
  /** Absolute folder with a Dockerfile. */
  readonly folder: string;
  readonly toolId: string;
  /** Name of the compose project. */
  readonly project: string;
  readonly args: Readonly<Record<string, string>>;
  readonly base: { readonly name: string; readonly digest: string };
  /** Absolute folder for the copy that is sent to the engine. */
  readonly scratch: string;
  readonly signal: AbortSignal;
  onLine(line: string): void;
}

/** Tool and project that an image belongs to, and the image that it is made from. */
export type ImageOwner = Pick<BuildRequest, 'toolId' | 'project' | 'base'>;

// Its types describe a default export, which its CommonJS module does not have
const dockerIgnore = createRequire(import.meta.url)('@balena/dockerignore') as (options: {
  ignorecase: boolean;
}) => Ignore;

/** One message of the engine's build stream. An error comes as a message, not as a failed request. */
interface BuildMessage {
  readonly stream?: string;
  readonly status?: string;
  readonly error?: string;
}

const LOG_LINES = 20;

/** @throws PlatformError `step-failed` with the last lines of the build. */
export async function buildImage(engine: Docker, request: BuildRequest): Promise<void> {
  await mkdir(request.scratch, { recursive: true });
  const context = await mkdtemp(`${request.scratch}/build-`);
  try {
    await copyContext(request.folder, context);
    await adapt(path.join(context, 'Dockerfile'), request);
    const stream = await engine.buildImage(
      { context, src: ['.'] },
      {
        t: request.tag,
        buildargs: { ...request.args },
        rm: true,
        forcerm: true,
        abortSignal: request.signal,
      },
    );
    await follow(engine, stream, request);
  } finally {
    await rm(context, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Files that .dockerignore admits, the build of step 2 or 3, and the Dockerfile itself. */
async function copyContext(folder: string, context: string): Promise<void> {
  const ignore = dockerIgnore({ ignorecase: false });
  ignore.add(await readFile(path.join(folder, '.dockerignore'), 'utf8').catch(() => ''));
  const accepts = ignore.createFilter();
  await cp(folder, context, {
    recursive: true,
    filter: async (source) => {
      const relative = path.relative(folder, source).split(path.sep).join('/');
      if (relative === '' || relative === 'Dockerfile' || /^dist(\/|$)/.test(relative)) return true;
      if (/(^|\/)node_modules$/.test(relative)) return false;
      // A folder that is ignored may hold a file that is not ("*", then "!src/main.ts")
      return (await stat(source)).isDirectory() || accepts(relative);
    },
  });
}

/** The Dockerfile as it is sent: see {@link adaptDockerfile}. */
async function adapt(file: string, owner: ImageOwner): Promise<void> {
  await writeFile(file, adaptDockerfile(await readFile(file, 'utf8'), owner));
}

/**
 * Three changes for this one build. Every stage gets the labels of tool and project: the engine keeps the images of
 * earlier stages without a name, and a rollback in another process finds them by their labels only. The stage `build`
 * copies the `dist/` that the export has just built and checked, instead of installing a compiler to repeat the build.
 * The last stage records its base image, whose name alone does not identify it (labels of the OCI image specification).
 */
export function adaptDockerfile(text: string, { toolId, project, base }: ImageOwner): string {
  const adapted = text
    .split(/^(?=FROM\s)/im)
    .map((stage) => {
      const [from = '', ...body] = stage.split('\n');
      if (!/^FROM\s/i.test(from)) return stage;
      const label = `LABEL ${TOOL_LABEL}="${toolId}" ${PROJECT_LABEL}="${project}"`;
      if (!/\sAS\s+build\s*$/i.test(from)) return [from, label, ...body].join('\n');
      const folder = body.find((line) => /^WORKDIR\s/i.test(line)) ?? 'WORKDIR /';
      return `${from}\n${label}\n${folder}\nCOPY dist ./dist\n\n`;
    })
    .join('');
  const digest = base.digest === '' ? '' : ` org.opencontainers.image.base.digest="${base.digest}"`;
  return `${adapted.trimEnd()}\nLABEL org.opencontainers.image.base.name="${base.name}"${digest}\n`;
}

async function follow(engine: Docker, stream: NodeJS.ReadableStream, request: BuildRequest): Promise<void> {
  const lines: string[] = [];
  const problem = await new Promise<string | null>((resolve) => {
    let failure: string | null = null;
    engine.modem.followProgress(
      stream,
      (error) => resolve(failure ?? error?.message ?? null),
      (message: BuildMessage) => {
        const line = (message.stream ?? message.status ?? message.error ?? '').trimEnd();
        if (line !== '') {
          lines.push(line);
          request.onLine(line);
        }
        failure ??= message.error ?? null;
      },
    );
  });
  request.signal.throwIfAborted();
  if (problem !== null)
    throw new PlatformError(
      'step-failed',
      `Image ${request.tag} was not built: ${problem}\nLast lines of the build:\n${lines.slice(-LOG_LINES).join('\n')}`,
    );
}
