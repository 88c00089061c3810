import { nearestName } from './nearest-name.ts';

const SHOWN = 5;

/**
 * What to do about a tool that does not exist: the id that was probably meant; otherwise the ids that exist, or how to
 * list or create them.
 */
export function toolHint(toolId: string, tools: readonly string[]): string {
  const nearest = nearestName(toolId, tools);
  if (nearest !== null) return `Did you mean ${nearest}?`;
  if (tools.length === 0) return 'There is no tool yet: create one with npx create-tool';
  const shown = tools.toSorted().slice(0, SHOWN).join(', ');
  const others = tools.length - SHOWN;
  if (others > 0) return `The tools are ${shown} and ${others} more: npx gulp status`;
  return tools.length === 1 ? `The only tool is ${shown}.` : `The tools are ${shown}.`;
}
