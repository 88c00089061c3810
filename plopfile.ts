import type { NodePlopAPI } from 'plop';
import { KINDS } from './generators/add/index.ts';
import { answersOrExit, definePlopGenerator } from './generators/add/plop.ts';

/** `npx plop <kind> [tool] [name]`: adds a part to a tool that exists, wiring and test included. */
export default function plopfile(plop: NodePlopAPI): void {
  const answers = answersOrExit();
  for (const kind of KINDS) definePlopGenerator(plop, kind, answers);
}
