import type { Change, Json } from '../../../../contracts/plan.ts';
import type { ToolDeployment } from '../../../../contracts/tool.ts';
import { sqlCommand } from '../../../core/shell-command.ts';
import type { Operation } from '../../../core/step.ts';

export interface Route {
  readonly serviceUrl: string;
  /** Folder of the built web app, relative to the repository. */
  readonly webRoot: string;
  readonly deployment?: ToolDeployment;
}

export type SwitchRoute = Change<'switch-route', Route & Readonly<Record<string, Json>>>;

/** Tells the platform's facade where the tool's traffic goes from now on: the old address keeps working. */
export const switchRoute: Operation<SwitchRoute> = {
  kind: 'switch-route',
  undoPhase: 'configuration',
  async run(change, ports) {
    await ports.registry.setRoute(change.target, change.after);
  },
  async undo(change, ports) {
    await ports.registry.setRoute(change.target, change.before);
  },
  done: () => 'Platform routes the old address to the service',
  undone: () => 'Platform serves the tool itself again',
  would: (change) =>
    `Would route /api/tools/${change.target}/ to ${change.after?.serviceUrl ?? 'the service'}`,
  debris: (change) => sqlCommand(`DELETE FROM tool_routes WHERE tool_id = '${change.target}'`),
};
