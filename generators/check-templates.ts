import { problemIn } from '../templating/parse-text.ts';
import { PlatformError } from '../contracts/errors.ts';
import { KINDS } from './add/kinds.ts';
import { checkWorkspaceTemplates } from './app/check-templates.ts';
import { loadTemplate, TemplateError } from '../templating/render.ts';
import { parseAnswers, type Answers } from './tool/answers.ts';
import { filesOf } from './tool/files.ts';
import { toolModel } from './tool/model.ts';
import type { Addition } from './tool/record.ts';
import { renderScaffold } from './tool/render-scaffold.ts';
import { parseResource } from './tool/resource-text.ts';

const BASE = { name: 'Sample', description: '', version: '0.1.0', status: 'alpha' };

/** The smallest and the largest possible tool. */
export const SAMPLES: readonly Answers[] = [
  parseAnswers({ ...BASE, id: 'x', resources: [parseResource('y:done:boolean')] }),
  parseAnswers({
    ...BASE,
    id: 'sample-of-everything',
    name: `"O'Neil" \`\${x}\` <%= y %> */ 名前`,
    description: 'Line one\nline two; -- DROP TABLE x',
    owner: 'team',
    resources: [
      'group:name:string:unique,order:integer:unique,user:text:required',
      'item:title:string,note:text,count:integer,price:numeric,done:boolean,dueOn:date,at:datetime,meta:json,ref:uuid',
      'order-line:groupId:uuid:required:references=group,parentId:uuid:references=order-line,at:datetime:required',
    ].map(parseResource),
  }),
];

/** One addition of every kind. */
const ADDITIONS: readonly Addition[] = KINDS.map((kind) => ({
  kind,
  name: kind === 'resource' ? 'late-comer:name:string:unique,at:datetime' : `late ${kind}`,
  place: {
    readPermission: 'sample:read',
    writePermission: 'sample:write',
    table: 'other."strange ""table"',
    migration: '002',
    seed: '002',
  },
}));

/** Renders every template with the samples and parses the output. Returns one line per problem. */
export async function checkTemplates(root: string): Promise<readonly string[]> {
  const problems = [...(await checkWorkspaceTemplates(root))];
  for (const sample of SAMPLES) {
    try {
      const sources = new Map(filesOf(toolModel(sample)).map((file) => [file.path, file.template]));
      for (const { path, content } of await renderScaffold(sample, ADDITIONS, root)) {
        const problem = await problemIn(path, content);
        if (problem === null) continue;
        const source = sources.get(path);
        const file = source === undefined ? 'templates/tool/add' : loadTemplate(source, root).file;
        problems.push(`${file}:1: renders ${path} of ${sample.id} wrong: ${problem}`);
      }
    } catch (error) {
      if (!(error instanceof TemplateError || error instanceof PlatformError || error instanceof SyntaxError))
        throw error;
      problems.push(error.message);
    }
  }
  return [...new Set(problems)];
}
