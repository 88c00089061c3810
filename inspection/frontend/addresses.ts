import { Node } from 'ts-morph';
import type { Finding } from '../../contracts/plan.ts';
import { finding, type FrontendContext } from './context.ts';

const API = /^\/api\/tools\/([a-z][a-z0-9-]*)(?:\/|$)/;

/** Addresses written into the code. The old ones go on working, through the platform; better not to need that. */
export function checkAddresses({ graph, manifest }: FrontendContext): readonly Finding[] {
  return [...graph.sources].flatMap(([file, source]) => {
    const found: Finding[] = [];
    source.forEachDescendant((node) => {
      const tool = API.exec(literalText(node))?.[1];
      if (tool === undefined) return;
      const line = node.getStartLineNumber();
      if (tool === manifest.id)
        found.push(
          finding('code-own-address', 'warning', { file, line }, {
            message: `The tool's own address is written into the code; it will be served by the platform's proxy.`,
            remedy: 'Take it from the host: inject(TOOL_WEB_CONTEXT).apiBase',
          }),
        ); // prettier-ignore
      else if (!manifest.dependencies.includes(tool))
        found.push(
          finding('code-undeclared-dependency', 'warning', { file, line }, {
            message: `The tool "${tool}" is called, and the manifest does not list it under dependencies.`,
            remedy: `Add "${tool}" to /dependencies of tools/${manifest.id}/manifest.json.`,
          }),
        ); // prettier-ignore
    });
    return found;
  });
}

function literalText(node: Node): string {
  if (Node.isStringLiteral(node) || Node.isNoSubstitutionTemplateLiteral(node)) return node.getLiteralText();
  return Node.isTemplateHead(node) ? node.getLiteralText() : '';
}
