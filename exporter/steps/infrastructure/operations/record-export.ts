import type { Change } from '../../../../contracts/plan.ts';
import type { ExportRecord } from '../../../../contracts/tool.ts';
import { sqlCommand } from '../../../core/shell-command.ts';
import type { Operation } from '../../../core/step.ts';

export type RecordExport = Change<
  'record-export',
  ExportRecord & { readonly name: string } & Readonly<Record<string, string>>
>;

/** Records in the registry that the tool is exported, and its addresses. Undone last, so that it never reports a clean state too early. */
export const recordExport: Operation<RecordExport> = {
  kind: 'record-export',
  undoPhase: 'registry',
  plan({ manifest, names, servicePort, infrastructure }) {
    const gateway = `http://localhost:${infrastructure.gatewayPort}`;
    return [
      {
        step: 'infrastructure',
        kind: 'record-export',
        target: manifest.id,
        before: null,
        after: {
          name: manifest.name,
          serviceUrl: `http://localhost:${servicePort}`,
          gatewayUrl: `${gateway}/api/${manifest.id}`,
          webUrl: `${gateway}/tools/${manifest.id}/`,
          databaseName: names.database,
        },
      },
    ];
  },
  async run(change, ports) {
    const { name, serviceUrl, gatewayUrl, webUrl, databaseName } = change.after;
    await ports.registry.setExported(change.target, { serviceUrl, gatewayUrl, webUrl, databaseName });
    ports.remember('summary', { name, serviceUrl, gatewayUrl, webUrl, databaseName });
  },
  async undo(change, ports) {
    await ports.registry.setExported(change.target, null);
  },
  done: () => 'Registry updated',
  undone: () => 'Registry updated',
  wouldUndo: ({ target }) => `Mark ${target} as not exported`,
  would: (change) => `Would mark ${change.target} as exported`,
  removeByHand: (change) =>
    sqlCommand(
      `UPDATE tool_registry SET is_exported = false, exported_at = NULL, service_url = NULL, gateway_url = NULL, web_url = NULL, database_name = NULL WHERE tool_id = '${change.target}'`,
    ),
};
