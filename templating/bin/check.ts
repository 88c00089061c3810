import { pathToFileURL } from 'node:url';
import { syntaxProblems, templatesBelow } from '../check-syntax.ts';
import { findWorkspace, programOf } from '../roots.ts';

/**
 * `npm run templates:check`: compiles every template and override, then lets each owner render its own with minimal
 * and maximal data and parse what comes out. Exit code 3 when something is wrong, each with file and line.
 */

/** A module that owns templates gives `checkTemplates(root)`: its problems, one a line. */
type TemplateOwner = Readonly<{ checkTemplates: (root: string) => Promise<readonly string[]> }>;

// By path, because templating itself knows nothing of those who use it.
const OWNERS = ['generators/check-templates', 'exporter/commands/check-templates'];

const root = findWorkspace(process.cwd());
const problems = syntaxProblems(root);
if (problems.length === 0)
  for (const owner of OWNERS) {
    const module = pathToFileURL(programOf(root, owner));
    const { checkTemplates } = (await import(module.href)) as TemplateOwner;
    problems.push(...(await checkTemplates(root)));
  }

const count = templatesBelow(root, 'templates').length + templatesBelow(root, 'templates.local').length;
if (problems.length === 0) console.log(`✅ ${count} templates are fine`);
else {
  for (const problem of problems) console.error(`✗ ${problem}`);
  process.exitCode = 3;
}
