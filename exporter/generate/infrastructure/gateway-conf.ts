import { parse } from 'nginx-conf';
import { render } from '../../../templating/render.ts';
import { instancesOf, type InfrastructureInput } from './compose-entry.ts';

/** The tool's two files of the gateway, by path: its route, and where this machine finds its instances. */
export function gatewayFilesOf(facts: InfrastructureInput): Readonly<Record<string, string>> {
  const { manifest, names, servicePort } = facts;
  const files = {
    [names.gatewayFile]: render('infra/gateway-route.conf.ejs', {
      id: manifest.id,
      name: manifest.name,
      port: servicePort,
    }),
    [names.upstreamFile]: render('infra/gateway-upstream.conf.ejs', {
      id: manifest.id,
      ports: instancesOf(facts).map((instance) => instance.port),
    }),
  };
  for (const [file, text] of Object.entries(files)) assertOwnNamesOnly(file, text, manifest.id);
  return files;
}

/**
 * Reads the text as nginx would and refuses whatever reaches beyond the tool: a location of another tool or of the
 * platform, a second server, a directive outside of a block. This holds for an override of the template as well.
 * @throws Error with the file and what is wrong in it.
 */
export function assertOwnNamesOnly(file: string, text: string, toolId: string): void {
  for (const node of directivesOf(file, text)) {
    const written = `${node.name} ${node.value}`.trim();
    if (!isOwn(node, toolId))
      throw new Error(
        `${file}: "${written}" does not belong to ${toolId}. Correct the template in templates.local/.`,
      );
  }
}

interface Directive {
  readonly name: string;
  readonly value: string;
}

function isOwn({ name, value }: Directive, toolId: string): boolean {
  if (name === 'upstream') return value === `${toolId}-api`;
  if (name !== 'location') return false;
  const place = value.replace(/^(=|\^~)\s+/, '');
  return [`/api/${toolId}`, `/tools/${toolId}`].some((own) => place === own || place.startsWith(`${own}/`));
}

/** Stands at the end of what is parsed: when it is not the last directive of all, a brace was left open. */
const END = 'end_of_file';

function directivesOf(file: string, text: string): readonly Directive[] {
  const found: Directive[] = [];
  let problem = null as string | null; // set in a callback, which the compiler does not follow
  try {
    parse(`${text}\n${END} here;\n`, (error, tree) => {
      problem = error?.message ?? null;
      for (const node of tree?.children ?? []) found.push({ name: node.name, value: node.value });
    });
  } catch (error) {
    problem = `a brace is closed that was not opened (${error instanceof Error ? error.message : String(error)})`;
  }
  if (problem === null && found.pop()?.name !== END) problem = 'a brace is not closed';
  if (problem === null) return found;
  throw new Error(`${file}: ${problem}. Correct the template in templates.local/.`);
}
