import { dirname, relative } from 'node:path';
import { expect } from 'chai';
import { ESLint } from 'eslint';

/** A file, one that it may import, and one that it may not: for each direction that the architecture rests on. */
const RULES: readonly (readonly [from: string, allowed: string, refused: string])[] = [
  ['contracts/errors.ts', 'contracts/naming.ts', 'registry-api/client.ts'],
  ['extraction/api.ts', 'contracts/errors.ts', 'exporter/core/step.ts'],
  ['generators/report.ts', 'registry-api/client.ts', 'registry-api/store/pool.ts'],
  ['exporter/generate/cut-lock.ts', 'inspection/index.ts', 'inspection/source/paths.ts'],
  ['exporter/core/step.ts', 'contracts/plan.ts', 'exporter/engine/executor.ts'],
  ['exporter/steps/backend/index.ts', 'exporter/steps/backend/facts.ts', 'exporter/steps/frontend/facts.ts'],
  ['exporter/steps/backend/read.ts', 'exporter/core/ports.ts', 'exporter/adapters/open-ports.ts'],
  ['exporter/adapters/open-ports.ts', 'exporter/core/ports.ts', 'exporter/pipeline.ts'],
  ['exporter/index.ts', 'exporter/pipeline.ts', 'exporter/engine/executor.ts'],
  ['monolith/server/platform/job-runner.ts', 'contracts/errors.ts', 'exporter/index.ts'],
  ['monolith/server/bin/token.ts', 'registry-api/store/pool.ts', 'monolith/server/gateway/nginx-gateway.ts'],
  ['tools/inventory-tracker/backend/index.ts', 'contracts/tool-context.ts', 'registry-api/client.ts'],
  ['tools/another-tool/backend/index.ts', 'contracts/errors.ts', 'tools/inventory-tracker/backend/index.ts'],
  ['gulpfile.ts', 'exporter/index.ts', 'exporter/pipeline.ts'],
];

describe('import rules', () => {
  const eslint = new ESLint({
    overrideConfig: {
      files: ['**/*.ts'],
      languageOptions: { parserOptions: { projectService: false, project: null } },
    },
    ruleFilter: ({ ruleId }) => ruleId === 'boundaries/dependencies',
  });

  /** The imported files that the linter refuses in `from`. */
  async function refusedIn(from: string, imported: readonly string[]): Promise<string[]> {
    const lines = imported.map((file) => `import './${relative(dirname(from), file)}';`);
    const [result] = await eslint.lintText(lines.join('\n'), { filePath: from });
    return result!.messages.map(({ line }) => imported[line - 1]!);
  }

  it('the linter refuses imports that the architecture does not allow, and no others', async () => {
    for (const [from, allowed, refused] of RULES)
      expect(await refusedIn(from, [allowed, refused]), from).to.deep.equal([refused]);
  });
});
