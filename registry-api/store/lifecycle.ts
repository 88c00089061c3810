import { PlatformError } from '../../contracts/errors.ts';
import { TOOL_STATUSES, type ToolStatus } from '../../contracts/manifest.ts';

/** Statuses reachable from `from`: itself, one forward, one back, and always `deprecated`. */
function nextStates(from: ToolStatus): readonly ToolStatus[] {
  const at = TOOL_STATUSES.indexOf(from);
  return TOOL_STATUSES.filter((to, i) => to === 'deprecated' || Math.abs(i - at) <= 1);
}

/** @throws PlatformError `lifecycle-invalid` with the reachable statuses. */
export function checkTransition(
  tool: { readonly toolId: string; readonly status: ToolStatus },
  to: ToolStatus,
): void {
  const open = nextStates(tool.status);
  if (open.includes(to)) return;
  const message = `"${tool.toolId}" is ${tool.status} and cannot become ${to} in one step. Possible: ${open.join(', ')}.`;
  throw new PlatformError('lifecycle-invalid', message, { errors: [{ pointer: '/status', message }] });
}
