import type { Finding, StepId } from '../../contracts/plan.ts';

/** Says that a tool keeps its whole tree in the exported app `appFolder`. */
export const belowTool = (step: StepId, toolFolder: string, appFolder: string): Finding => ({
  code: 'code-below-tool',
  severity: 'info',
  step,
  file: toolFolder,
  message: `Files of the tool would lie among those of the app around it, so the whole tool lies below ${appFolder}/src/tool/.`,
  remedy: '',
});
