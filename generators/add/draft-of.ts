import type { Endpoint } from '../../contracts/manifest.ts';
import { PlatformError } from '../../contracts/errors.ts';
import { camelCase, kebabCase, pascalCase, words } from '../../templating/names.ts';
import { addResource } from './add-resource.ts';
import { Draft } from './draft.ts';
import type { Kind } from './kinds.ts';
import { withEntry } from './manifest-entry.ts';
import { modelOf, type ToolFolder } from './tool-folder.ts';
import { addRoutes, addSection, assertExports, lazyRoute, mountRoutes } from './wiring.ts';

interface Names {
  readonly kebab: string;
  readonly camel: string;
  readonly pascal: string;
  /** `stock level` */
  readonly spoken: string;
}

/** Drafts an addition. Reads only; throws if a file exists already or an anchor is missing. */
export async function draftOf(kind: Kind, tool: ToolFolder, name: string): Promise<Draft> {
  if (kind === 'resource') return addResource(tool, name);
  const draft = new Draft(tool);
  DRAFTS[kind](draft, namesOf(name), { tool: modelOf(tool, [PLACEHOLDER]), n: namesOf(name) });
  return draft;
}

// A model needs at least one resource; the templates of these kinds ignore it.
const PLACEHOLDER = { name: 'placeholder', fields: [{ name: 'name', type: 'string' as const }] };

type Data = Readonly<Record<string, unknown>> & { readonly tool: ReturnType<typeof modelOf> };

const DRAFTS: Record<Exclude<Kind, 'resource'>, (draft: Draft, n: Names, data: Data) => void> = {
  controller(draft, n, data) {
    draft.create(`backend/controllers/${n.kebab}.controller.ts`, 'tool/add/controller.ts.ejs', data);
    draft.create(`backend/routes/${n.kebab}.routes.ts`, 'tool/add/routes.ts.ejs', data);
    draft.create(`tests/unit/${n.kebab}.controller.test.ts`, 'tool/add/controller.test.ts.ejs', data);
    draft.ensure('tests/support/host.ts', 'tool/tests/support/host.ts.ejs', data);
    draft.edit('backend/index.ts', (text, file) =>
      mountRoutes(text, { file, routes: `${n.camel}Routes`, from: `./routes/${n.kebab}.routes.ts` }),
    );
    const endpoint: Endpoint = {
      method: 'GET',
      path: `/${n.kebab}`,
      summary: `Get the ${n.spoken}`,
      permissions: [data.tool.readPermission],
    };
    draft.edit('manifest.json', (text, file) => withEntry(text, { endpoints: [endpoint] }, file));
  },
  service(draft, n, data) {
    draft.create(`backend/services/${n.kebab}.service.ts`, 'tool/add/service.ts.ejs', data);
    draft.create(`tests/unit/${n.kebab}.service.test.ts`, 'tool/add/service.test.ts.ejs', data);
  },
  repository(draft, n, data) {
    const { table } = draft.tool.place;
    if (table === null)
      throw new PlatformError(
        'target-exists',
        `tools/${draft.tool.id}/manifest.json lists no table for a repository to read. Add one: npx plop resource ${draft.tool.id}`,
      );
    const all = { ...data, table };
    draft.create(`backend/repositories/${n.kebab}.repository.ts`, 'tool/add/repository.ts.ejs', all);
    draft.create(`tests/integration/${n.kebab}.repository.test.ts`, 'tool/add/repository.test.ts.ejs', all);
    draft.ensure('tests/support/database.ts', 'tool/tests/support/database.ts.ejs', data);
  },
  validator(draft, n, data) {
    draft.create(`backend/validators/${n.kebab}.validator.ts`, 'tool/add/validator.ts.ejs', data);
    draft.create(`tests/unit/${n.kebab}.validator.test.ts`, 'tool/add/validator.test.ts.ejs', data);
    const parse = draft.ensure('backend/validators/parse.ts', 'tool/backend/validators/parse.ts.ejs', data);
    assertExports(parse, `tools/${draft.tool.id}/backend/validators/parse.ts`, [
      'bodies',
      'closedObject',
      'parse',
    ]);
    draft.ensure('backend/validators/formats.ts', 'tool/backend/validators/formats.ts.ejs', data);
  },
  component(draft, n, data) {
    draft.create(`frontend/components/${n.kebab}.component.ts`, 'tool/add/component.ts.ejs', data);
    draft.create(`tests/frontend/${n.kebab}.component.test.ts`, 'tool/add/component.test.ts.ejs', data);
    draft.ensure('tests/frontend/component-at.ts', 'tool/add/component-at.ts.ejs', data);
    draft.edit('frontend/tool.routes.ts', (text, file) =>
      addRoutes(text, { file, routes: [lazyRoute(n.kebab, `${n.kebab}.component`, `${n.pascal}Component`)] }),
    );
    if (draft.tool.scaffolded)
      draft.edit('frontend/components/tool-sections.component.ts', (text, file) =>
        addSection(text, { file, path: n.kebab, title: sentence(n.spoken) }),
      );
  },
  migration(draft, n, data) {
    const file = `database/migrations/${draft.tool.place.migration}-${n.kebab}`;
    draft.create(`${file}.sql`, 'tool/add/migration.sql.ejs', data);
    draft.create(`${file}.down.sql`, 'tool/add/migration.down.sql.ejs', data);
    draft.ensure('tests/integration/migrations.test.ts', 'tool/add/migrations.test.ts.ejs', data);
  },
  seed(draft, n, data) {
    draft.create(
      `database/seeds/${data.tool.stem}-seed-data_${draft.tool.place.seed}_${n.kebab}.sql`,
      'tool/add/seed.sql.ejs',
      data,
    );
    draft.ensure('tests/support/database.ts', 'tool/tests/support/database.ts.ejs', data);
    draft.ensure('tests/integration/seeds.test.ts', 'tool/add/seeds.test.ts.ejs', data);
  },
};

const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** @throws PlatformError `usage` for a name that is not valid as a file name, an identifier and an address */
function namesOf(name: string): Names {
  const kebab = kebabCase(name);
  if (!/^[A-Za-z][A-Za-z0-9 _-]*$/.test(name) || kebab === '' || kebab.length > 40)
    throw new PlatformError(
      'usage',
      `${JSON.stringify(name)} is not a valid name: use letters, digits and hyphens, start with a letter, at most 40 characters.`,
    );
  return { kebab, camel: camelCase(name), pascal: pascalCase(name), spoken: words(name).join(' ') };
}
