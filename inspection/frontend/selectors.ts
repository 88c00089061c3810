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

const TEMPLATES = { member: 'template', files: /\.html$/ } as const;

/** What a selector asks for, in the words of a template: an element's name, or an attribute's. */
interface Owner {
  readonly tool: string;
  readonly file: string;
}

/**
 * Components and directives of another tool that a template of this one uses. Only names that nobody whose code
 * comes along defines count: two tools may well have an `app-list` each.
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
        message: `${use.name} is a part of the tool "${owner.tool}" (${owner.file}), which does not come along.`,
        remedy: "Move the component below shared/, or use one of the tool's own.",
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

/** `app-list`, `[appHighlight]`, `button[app-x]`: the names by which templates ask for a class of this file. */
function selectorsOf(source: SourceFile): readonly string[] {
  return source.getDescendantsOfKind(SyntaxKind.Decorator).flatMap((decorator) => {
    const [found] = textsOf(decorator, 'selector');
    return found === undefined ? [] : CssSelector.parse(found.text).flatMap(namesOf);
  });
}

/** What HTML itself, or Angular, has in every template names nobody's directive. */
function namesOf({ element, attrs }: CssSelector): readonly string[] {
  const attributes = attrs.filter((name, i) => i % 2 === 0 && name !== '');
  if (attributes.length > 0)
    return attributes.filter((name) => !isNativeAttribute(name)).map((name) => `[${name}]`);
  return element === null || element === '*' || isNativeElement(element) ? [] : [element];
}
