import { toolHint } from '../contracts/tool-hint.ts';
import { toolFolders } from '../templating/tool-folders.ts';

/** Ends a message about a tool: with a hint where no such tool exists, otherwise with nothing. */
export function missingTool(root: string, toolId: string): string {
  const tools = toolFolders(root);
  return tools.includes(toolId) ? '' : ` ${toolHint(toolId, tools)}`;
}
