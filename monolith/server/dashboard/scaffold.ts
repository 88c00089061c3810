import { Router, json } from 'express';
import type { Pool } from 'pg';
import { PlatformError } from '../../../contracts/errors.ts';
import { BODY_LIMIT } from '../../../contracts/host/problem.ts';
import { manifestSchema } from '../../../contracts/manifest.ts';
import answersSchema from '../../../generators/tool/answers.schema.json' with { type: 'json' };
import { AnswersError } from '../../../generators/answers-error.ts';
import { parseAnswers, suggestedAnswers, type Answers } from '../../../generators/tool/answers.ts';
import type { Scaffold } from '../../../generators/tool/scaffold.ts';
import { recoverWrites, writeAll, type FileChange } from '../../../generators/write/journal.ts';
import { requireScope } from '../../../registry-api/auth/authenticate.ts';
import { principalOf } from '../../../registry-api/auth/principal.ts';
import { transaction } from '../../../registry-api/store/pool.ts';
import { actAs, insertTool } from '../../../registry-api/store/tools.ts';
import type { Limiters } from '../../../registry-api/http/limits.ts';
import { planInThread } from './plan-scaffold.ts';
import { whileConnected } from './while-connected.ts';

export interface ScaffoldOptions {
  /** Absolute path of the repository. */
  readonly root: string;
  readonly pool: Pool;
  readonly limiters: Pick<Limiters, 'plans'>;
}

/**
 * The generator of `create-tool` for the form of the dashboard: `GET /api/scaffold/schema` describes the answers,
 * `POST /api/scaffold/preview` shows every file, `POST /api/scaffold` writes the files and registers the tool,
 * both or neither.
 */
export function scaffoldRoutes(options: ScaffoldOptions): Router {
  const router = Router();
  const body = json({ limit: BODY_LIMIT });
  const mayPlan = [requireScope('tools:write'), options.limiters.plans];

  router.get('/api/scaffold/schema', (_request, response) => {
    response.set('Cache-Control', 'no-cache').json(describedAnswers());
  });
  router.get('/api/scaffold/suggestions', (request, response) => {
    const id = typeof request.query['id'] === 'string' ? request.query['id'].slice(0, 60) : '';
    response.json(suggestedAnswers({ id }));
  });
  const preview = whileConnected(async (request, response, signal) => {
    const { manifest, files } = await planInThread(answersOf(request.body), options.root, signal);
    response.json({ manifest, files: files.map(({ path, before, after }) => ({ path, before, after })) });
  });
  const write = whileConnected(async (request, response, signal) => {
    recoverWrites(options.root);
    const scaffold = await planInThread(answersOf(request.body), options.root, signal);
    signal.throwIfAborted(); // from here on, the work is completed
    const tool = await writeAndRegister(options, scaffold, principalOf(request).subject);
    response.status(201).location(`/api/tools/${tool.toolId}`).json(tool);
  });
  router.post('/api/scaffold/preview', mayPlan, body, preview);
  router.post('/api/scaffold', mayPlan, body, write);
  return router;
}

function answersOf(given: unknown): Answers {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw new PlatformError('answers-invalid', 'The body must be an object of answers.');
  try {
    return parseAnswers(given);
  } catch (error) {
    if (!(error instanceof AnswersError)) throw error;
    throw new PlatformError('answers-invalid', `The answers are not valid:\n${error.message}`, {
      errors: error.problems,
    });
  }
}

/** Writes the files in the transaction of the registration: a failure of either rolls both back. */
async function writeAndRegister(
  { root, pool }: ScaffoldOptions,
  { manifest, files }: Scaffold,
  actor: string,
): Promise<{ readonly toolId: string }> {
  let written: readonly FileChange[] = [];
  try {
    return await transaction(pool, async (client) => {
      await actAs(client, actor);
      const { tool } = await insertTool(client, manifest);
      writeAll(root, files);
      written = files;
      return tool;
    });
  } catch (error) {
    writeAll(
      root,
      written.map(({ path, before, after }) => ({ path, before: after, after: before })),
    );
    throw error;
  }
}

type Schema = Readonly<Record<string, unknown>>;

/** The schema of the answers with that of the manifest inlined, so that a form needs one document. */
function describedAnswers(): Schema {
  const fields = manifestSchema.properties as Readonly<Record<string, Schema>>;
  const properties = Object.entries(answersSchema.properties as Readonly<Record<string, Schema>>).map(
    ([name, schema]) => [name, '$ref' in schema ? (fields[name] ?? schema) : schema] as const,
  );
  return { ...answersSchema, properties: Object.fromEntries(properties) };
}
