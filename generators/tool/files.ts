import type { ResourceModel, ToolModel } from './model.ts';

/** A file of the scaffold: condition, source and target. `{r}` stands for a resource, `{stem}` for the tool. */
interface FileRow {
  readonly source: string;
  /** Below `tools/<id>/`. */
  readonly destination: string;
  /** Once for the tool, or once per resource. */
  readonly each: 'tool' | 'resource';
}

const tool = (source: string, destination: string = source): FileRow => ({
  source,
  destination,
  each: 'tool',
});
const resource = (folder: string, suffix: string): FileRow => ({
  source: `${folder}/resource${suffix}`,
  destination: `${folder}/{r}${suffix}`,
  each: 'resource',
});

/** All files of a scaffold. Sources are in `templates/tool/`, with the extension `.ejs`. */
export const FILES: readonly FileRow[] = [
  tool('manifest.json'),
  tool('backend/index.ts'),
  resource('backend/controllers', '.controller.ts'),
  resource('backend/services', '.service.ts'),
  tool('backend/services/sql-error.ts'),
  resource('backend/repositories', '.repository.ts'),
  resource('backend/validators', '.validator.ts'),
  tool('backend/validators/parse.ts'),
  tool('backend/validators/formats.ts'),
  tool('backend/validators/if-match.ts'),
  resource('backend/routes', '.routes.ts'),
  resource('backend/types', '.types.ts'),
  tool('backend/types/paging.ts'),
  tool('backend/types/versioned.ts'),
  tool('frontend/tool.routes.ts'),
  tool('frontend/components/tool-sections.component.ts'),
  tool('frontend/components/tool-sections.component.html'),
  tool('frontend/components/tool.css'),
  tool('frontend/components/form-values.ts'),
  resource('frontend/components', '-list.component.ts'),
  resource('frontend/components', '-list.component.html'),
  resource('frontend/components', '-form.component.ts'),
  resource('frontend/components', '-form.component.html'),
  tool('frontend/services/api-problem.ts'),
  resource('frontend/services', '-api.service.ts'),
  resource('frontend/types', '.types.ts'),
  tool('frontend/types/page.ts'),
  tool('database/migrations/001-create-tables.sql', 'database/migrations/001-create-{stem}-tables.sql'),
  tool(
    'database/migrations/001-create-tables.down.sql',
    'database/migrations/001-create-{stem}-tables.down.sql',
  ),
  tool('database/seeds/seed-data.sql', 'database/seeds/{stem}-seed-data.sql'),
  resource('tests/unit', '.validator.test.ts'),
  resource('tests/integration', '.api.test.ts'),
  tool('tests/support/host.ts'),
  tool('tests/support/database.ts'),
];

export interface PlannedFile {
  /** Template, below `templates/`. */
  readonly template: string;
  /** Below `tools/<id>/`, POSIX separators. */
  readonly path: string;
  /** The resource of the file; `null` for a file of the tool. */
  readonly resource: ResourceModel | null;
}

/** The files of a tool with their templates. */
export function filesOf(model: ToolModel): PlannedFile[] {
  return FILES.flatMap(({ source, destination, each }): PlannedFile[] => {
    const template = `tool/${source}.ejs`;
    const path = destination.replace('{stem}', model.stem);
    if (each === 'tool') return [{ template, path, resource: null }];
    return model.resources.map((r) => ({ template, path: path.replace('{r}', r.kebab), resource: r }));
  });
}
