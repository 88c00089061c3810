import { Node } from 'ts-morph';
import type { Finding } from '../../contracts/plan.ts';
import { frontendWarning } from '../findings.ts';
import type { FrontendContext } from './context.ts';
import { nodesOf } from '../source/nodes.ts';

const API = /^\/api\/tools\/([a-z][a-z0-9-]*)(?:\/|$)/;

/** Finds hard-coded API addresses. The platform still proxies them, so each is a warning. */
export function checkAddresses({ graph, manifest }: FrontendContext): readonly Finding[] {
  return [...graph.sources].flatMap(([file, source]) =>
    nodesOf(source).flatMap((node) => {
      const tool = API.exec(literalText(node))?.[1];
      if (tool === undefined) return [];
      const place = { file, line: node.getStartLineNumber() };
      if (tool === manifest.id) return ownAddress(place);
      return manifest.dependencies.includes(tool) ? [] : undeclared(place, tool, manifest.id);
    }),
  );
}

type Place = Pick<Finding, 'file' | 'line'>;

const ownAddress = (place: Place): Finding =>
  frontendWarning({
    ...place,
    code: 'code-own-address',
    message: `The tool's own API address is hard-coded, so its calls would go through the platform's proxy.`,
    remedy: 'Use the address from the host: inject(TOOL_WEB_CONTEXT).apiBase',
  });

const undeclared = (place: Place, tool: string, self: string): Finding =>
  frontendWarning({
    ...place,
    code: 'code-undeclared-dependency',
    message: `The tool "${tool}" is called, but is not listed in the manifest under dependencies.`,
    remedy: `Add "${tool}" to /dependencies of tools/${self}/manifest.json.`,
  });

function literalText(node: Node): string {
  if (Node.isStringLiteral(node) || Node.isNoSubstitutionTemplateLiteral(node)) return node.getLiteralText();
  return Node.isTemplateHead(node) ? node.getLiteralText() : '';
}
