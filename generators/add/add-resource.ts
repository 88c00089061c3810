import { PlatformError } from '../../contracts/errors.ts';
import type { Endpoint } from '../../contracts/manifest.ts';
import { AnswersError } from '../answers-error.ts';
import { parseAnswers, type Answers, type ResourceAnswer } from '../tool/answers.ts';
import { filesOf } from '../tool/files.ts';
import type { ResourceModel, ToolModel } from '../tool/model.ts';
import { ResourceTextError, parseResource } from '../tool/resource-text.ts';
import { Draft } from './draft.ts';
import { withEntry } from './manifest-entry.ts';
import { modelOf, type ToolFolder } from './tool-folder.ts';
import { addRoutes, addSection, assertExports, lazyRoute, mountRoutes } from './wiring.ts';

/** Adds a resource, from table to screens, to an existing tool. `spec` as in `--resource`. */
export async function addResource(tool: ToolFolder, spec: string): Promise<Draft> {
  const resource = lastOf(answersWith(tool, spec));
  const model = modelOf(tool, [resource]);
  const r = model.resources.find((one) => one.kebab === resource.name);
  if (r === undefined) throw new PlatformError('internal', `the model lacks ${resource.name}`);
  const draft = new Draft(tool);
  const data = { tool: model, main: model.resources[0], r };
  for (const file of filesOf(model)) {
    if (file.resource?.kebab === r.kebab) draft.create(file.path, file.template, data);
    else if (file.resource === null && SHARED.has(file.path)) draft.ensure(file.path, file.template, data);
  }
  addTable(draft, model, r);
  wire(draft, model, r);
  return Promise.resolve(draft);
}

/** Files that a resource imports; a tool that was not scaffolded gets the missing ones. */
const SHARED = new Set([
  'backend/services/sql-error.ts',
  'backend/validators/parse.ts',
  'backend/validators/formats.ts',
  'backend/validators/if-match.ts',
  'backend/types/paging.ts',
  'backend/types/versioned.ts',
  'frontend/components/tool.css',
  'frontend/components/form-values.ts',
  'frontend/services/api-problem.ts',
  'frontend/types/page.ts',
  'tests/support/host.ts',
  'tests/support/database.ts',
]);

function addTable(draft: Draft, model: ToolModel, r: ResourceModel): void {
  const file = `database/migrations/${draft.tool.place.migration}-create-${r.path}`;
  const only = { tool: { ...model, resources: [r] } };
  draft.create(`${file}.sql`, 'tool/database/migrations/001-create-tables.sql.ejs', only);
  draft.create(`${file}.down.sql`, 'tool/database/migrations/001-create-tables.down.sql.ejs', only);
  const seed = `database/seeds/${model.stem}-seed-data_${draft.tool.place.seed}_${r.path}.sql`;
  const earlier = model.resources.slice(0, model.resources.indexOf(r));
  draft.create(seed, 'tool/database/seeds/rows.sql.ejs', { tool: model, r, earlier });
}

function wire(draft: Draft, model: ToolModel, r: ResourceModel): void {
  const folder = `tools/${draft.tool.id}`;
  const parse = draft.ensure('backend/validators/parse.ts', 'tool/backend/validators/parse.ts.ejs', {
    tool: model,
  });
  const needs = ['bodies', 'closedObject', 'invalid', 'isUuid', 'paging', 'parse', 'queries', 'searchText'];
  assertExports(parse, `${folder}/backend/validators/parse.ts`, needs);
  const host = draft.ensure('tests/support/host.ts', 'tool/tests/support/host.ts.ejs', { tool: model });
  assertExports(host, `${folder}/tests/support/host.ts`, ['CallOptions', 'openHost']);
  draft.edit('backend/index.ts', (text, file) =>
    mountRoutes(text, { file, routes: `${r.camel}Routes`, from: `./routes/${r.kebab}.routes.ts` }),
  );
  draft.edit('frontend/tool.routes.ts', (text, file) =>
    addRoutes(text, {
      file,
      routes: [
        lazyRoute(r.path, `${r.kebab}-list.component`, `${r.pascal}ListComponent`),
        lazyRoute(`${r.path}/new`, `${r.kebab}-form.component`, `${r.pascal}FormComponent`),
        lazyRoute(`${r.path}/:id`, `${r.kebab}-form.component`, `${r.pascal}FormComponent`),
      ],
      provider: { name: `${r.pascal}ApiService`, from: `./services/${r.kebab}-api.service` },
    }),
  );
  if (draft.tool.scaffolded)
    draft.edit('frontend/components/tool-sections.component.ts', (text, file) =>
      addSection(text, { file, path: r.path, title: r.title }),
    );
  draft.edit('manifest.json', (text, file) =>
    withEntry(text, { tables: [r.table], endpoints: endpointsOf(model, r) }, file),
  );
}

function endpointsOf(model: ToolModel, r: ResourceModel): Endpoint[] {
  const read = [model.readPermission];
  const write = [model.writePermission];
  return [
    { method: 'GET', path: `/${r.path}`, summary: `List ${r.many}, with paging`, permissions: read },
    { method: 'POST', path: `/${r.path}`, summary: `Create one: ${r.one}`, permissions: write },
    { method: 'GET', path: `/${r.path}/:id`, summary: `Get one: ${r.one}`, permissions: read },
    { method: 'PUT', path: `/${r.path}/:id`, summary: `Replace one: ${r.one}`, permissions: write },
    { method: 'DELETE', path: `/${r.path}/:id`, summary: `Delete one: ${r.one}`, permissions: write },
  ];
}

/**
 * The answers of the tool with the new resource last.
 * @throws PlatformError `answers-invalid` with every problem
 */
export function answersWith(tool: ToolFolder, spec: string): Answers {
  const { id, name, description, version, status } = tool.manifest;
  try {
    const resources = [...tool.resources, parseResource(spec)];
    return parseAnswers({ id, name, description, version, status, resources });
  } catch (error) {
    if (error instanceof ResourceTextError)
      throw new PlatformError('answers-invalid', error.message, { cause: error });
    if (error instanceof AnswersError)
      throw new PlatformError('answers-invalid', 'The resource is not valid:', {
        cause: error,
        errors: error.problems,
      });
    throw error;
  }
}

export function lastOf({ resources }: Answers): ResourceAnswer {
  const last = resources.at(-1);
  if (last !== undefined) return last;
  throw new PlatformError('answers-invalid', 'A resource is required, for example item:name:string');
}
