import { toolFolders } from '../../templating/tool-folders.ts';
import type { Kind } from './kinds.ts';
import type { PlopAnswers } from './plop-arguments.ts';

/** Inquirer questions for the answers that the command line lacks; tools are offered as a list. */
export function questionsFor(kind: Kind, given: PlopAnswers, root: string): Question[] {
  const tools = toolFolders(root);
  return [
    ...(given.tool === undefined ? [toolQuestion(tools)] : []),
    ...(given.name === undefined
      ? [{ type: 'input', name: 'name', message: NAMES[kind], validate: required } as const]
      : []),
  ];
}

export interface Question {
  readonly type: 'input' | 'list';
  readonly name: string;
  readonly message: string;
  readonly choices?: readonly string[];
  readonly validate: (text: string) => true | string;
}

const required = (text: string): true | string => text.trim() !== '' || 'Type a name';

function toolQuestion(tools: readonly string[]): Question {
  const question = { name: 'tool', message: 'Which tool?', validate: required };
  return tools.length === 0 ? { ...question, type: 'input' } : { ...question, type: 'list', choices: tools };
}

const NAMES: Readonly<Record<Kind, string>> = {
  controller: 'Name of the controller, such as reports:',
  service: 'Name of the service, such as billing:',
  repository: 'Name of the repository, such as archive:',
  validator: 'Name of the validator, such as address:',
  component: 'Name of the component, such as order-panel:',
  migration: 'What the migration does, such as add-priority:',
  seed: 'Name of the seed, such as demo:',
  resource: 'The resource and its fields, such as order:number:string:required,total:numeric :',
};
