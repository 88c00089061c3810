import type { Finding } from '../../contracts/plan.ts';
import { finding, type FrontendContext } from './context.ts';

/** The host mounts `toolRoutes` of `frontend/tool.routes.ts`. */
export function checkEntry({ names, graph }: FrontendContext): readonly Finding[] {
  const file = `${names.toolFolder}/frontend/tool.routes.ts`;
  const source = graph.sources.get(file);
  if (source === undefined)
    return [
      finding('code-frontend-missing', 'error', { file }, {
        message: `${file}: there is no such file, so that there is nothing to show.`,
        remedy: 'Add it with: export const toolRoutes: Routes = [...]',
      }),
    ]; // prettier-ignore
  if (source.getExportSymbols().some((symbol) => symbol.getName() === 'toolRoutes')) return [];
  return [
    finding('code-frontend-missing', 'error', { file, line: 1 }, {
      message: `${file} does not export toolRoutes.`,
      remedy: 'Export the routes of the tool by this name: export const toolRoutes: Routes = [...]',
    }),
  ]; // prettier-ignore
}
