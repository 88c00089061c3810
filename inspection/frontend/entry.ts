import type { Finding } from '../../contracts/plan.ts';
import { frontendError } from '../findings.ts';
import type { FrontendContext } from './context.ts';

/** The host mounts `toolRoutes` of `frontend/tool.routes.ts`. */
export function checkEntry({ names, graph }: FrontendContext): readonly Finding[] {
  const file = `${names.toolFolder}/frontend/tool.routes.ts`;
  const code = 'code-frontend-missing';
  const source = graph.sources.get(file);
  if (source === undefined)
    return [
      frontendError({
        code,
        file,
        message: `${file} is missing, so the web app has no routes.`,
        remedy: 'Create it with: export const toolRoutes: Routes = [...]',
      }),
    ];
  if (source.getExportSymbols().some((symbol) => symbol.getName() === 'toolRoutes')) return [];
  return [
    frontendError({
      code,
      file,
      line: 1,
      message: `${file} does not export toolRoutes.`,
      remedy: 'Export the routes of the tool under this name: export const toolRoutes: Routes = [...]',
    }),
  ];
}
