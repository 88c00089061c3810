import path from 'node:path';
import { Project, SyntaxKind, type SourceFile } from 'ts-morph';
import { CssSelector } from '@angular/compiler';
import { readFile } from 'node:fs/promises';
import type { Finding } from '../../contracts/plan.ts';
import { componentTexts } from './component-texts.ts';
import { frontendError } from '../findings.ts';
import { lineAt, type FrontendContext } from './context.ts';
import { textsOf } from './decorator-texts.ts';
import { isNativeAttribute, isNativeElement } from './native-names.ts';
import { usesOf, type TemplateUse } from './template-uses.ts';
import { nodesOfKind } from '../source/nodes.ts';

const TEMPLATES = { member: 'template', files: /\.html$/ } as const;

/** The tool and file that declare a selector. */
interface Owner {
  readonly tool: string;
  readonly file: string;
}

/**
 * Finds components and directives of another tool that a template uses. Names that carried code declares are
 * excluded: two tools may both have an `app-list`.
 */
export async function checkSelectors(context: FrontendContext): Promise<readonly Finding[]> {
  const foreign = await foreignSelectors(context);
  if (foreign.size === 0) return [];
  for (const source of context.graph.sources.values())
    for (const selector of selectorsOf(source)) foreign.delete(selector);
  return componentTexts(context, TEMPLATES).flatMap(({ file, line, text }) =>
    usesOf(text).flatMap((use: TemplateUse) => {
      const owner = foreign.get(use.name);
      if (owner === undefined) return [];
      return frontendError({
        code: 'code-foreign-tool',
        file,
        line: line + lineAt(text, use.offset) - 1,
        message: `${use.name} belongs to the tool "${owner.tool}" (${owner.file}) and is not exported.`,
        remedy: 'Move the component into shared/, or use a component of this tool.',
      });
    }),
  );
}

async function foreignSelectors({ root, names, toolFiles }: FrontendContext): Promise<Map<string, Owner>> {
  const project = new Project({ useInMemoryFileSystem: true, skipLoadingLibFiles: true });
  const found = new Map<string, Owner>();
  for (const file of toolFiles) {
    const tool = /^tools\/([^/]+)\/frontend\/.*\.ts$/.exec(file)?.[1];
    if (tool === undefined || file.startsWith(`${names.toolFolder}/`)) continue;
    const text = await readFile(path.join(root, file), 'utf8');
    if (!text.includes('selector')) continue;
    for (const selector of selectorsOf(project.createSourceFile(file, text)))
      found.set(selector, { tool, file });
  }
  return found;
}

/** `app-list`, `[appHighlight]`, `button[app-x]`: the selectors of the classes in a file. */
function selectorsOf(source: SourceFile): readonly string[] {
  return nodesOfKind(source, SyntaxKind.Decorator).flatMap((decorator) => {
    const [found] = textsOf(decorator, 'selector');
    return found === undefined ? [] : CssSelector.parse(found.text).flatMap(namesOf);
  });
}

/** Names in a selector that are neither native nor Angular's own. */
function namesOf({ element, attrs }: CssSelector): readonly string[] {
  const attributes = attrs.filter((name, i) => i % 2 === 0 && name !== '');
  if (attributes.length > 0)
    return attributes.filter((name) => !isNativeAttribute(name)).map((name) => `[${name}]`);
  return element === null || element === '*' || isNativeElement(element) ? [] : [element];
}
