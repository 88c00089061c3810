import { DEFAULT_IMAGES } from '../../../contracts/settings.ts';
import { WEB_APP_HEADERS } from '../../../contracts/web-app-headers.ts';
import { formatSource } from '../../../templating/format.ts';
import { render, type TemplateData } from '../../../templating/render.ts';
import type { AppRequest } from '../app-request.ts';
import { PACKAGE_TEMPLATE, WEB_TEMPLATES, type WebTemplate } from './web-templates.ts';

type Texts = Readonly<Record<string, string>>;

export interface WebAppInput extends Pick<AppRequest, 'root' | 'manifest' | 'servicePort' | 'formatted'> {
  readonly hasShared: boolean;
  /** Folder of the tool's frontend in the web app. */
  readonly toolPlace: string;
}

/**
 * Renders the files around a tool's frontend, by path below `apps/<id>-web/`. The same input gives the same bytes.
 * @throws TemplateError when a template, or an override of one, cannot be rendered.
 */
export async function renderWebApp(input: WebAppInput): Promise<Texts> {
  const { manifest, servicePort, hasShared, toolPlace } = input;
  const { id, name, description, version } = manifest;
  const data = {
    id,
    name,
    description,
    version,
    hasShared,
    toolPlace,
    port: servicePort,
    titleHtml: escapeHtml(name),
    webAppHeaders: WEB_APP_HEADERS,
    images: DEFAULT_IMAGES,
  };
  const rendered = WEB_TEMPLATES.map(async (template): Promise<[string, string]> => [
    template.destination,
    await renderFile(template, data, input),
  ]);
  return Object.fromEntries(await Promise.all(rendered));
}

export interface WebPackage {
  readonly imports: Texts;
  readonly dependencies: Texts;
  readonly devDependencies: Texts;
  readonly overrides: Readonly<Record<string, unknown>>;
}

/** The web app's package.json. */
export function renderPackage(
  request: Pick<AppRequest, 'root' | 'manifest' | 'formatted'>,
  parts: WebPackage,
): Promise<string> {
  const { id, description, version } = request.manifest;
  return renderFile(PACKAGE_TEMPLATE, { id, description, version, ...parts }, request);
}

async function renderFile(
  template: WebTemplate,
  data: TemplateData,
  { root, formatted }: Pick<AppRequest, 'root' | 'formatted'>,
): Promise<string> {
  const text = render(template.source, data, { root });
  // Inserted values may exceed the line width; files without values are formatted in the repository
  return template.source.endsWith('.ejs') ? formatSource(text, template.destination, root, formatted) : text;
}

const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
