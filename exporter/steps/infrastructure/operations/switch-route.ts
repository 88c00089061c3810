import type { Change } from '../../../../contracts/plan.ts';
import { serviceAudience } from '../../../../contracts/tokens.ts';
import type { DatabaseRef } from '../../../../extraction/api.ts';
import type { ToolDeployment } from '../../../../contracts/tool.ts';
import type { SharedFacts } from '../../../core/facts.ts';
import { orphansInDatabase } from '../../../core/orphans.ts';
import { databaseOf } from '../../../core/service-database.ts';
import { sqlCommand } from '../../../core/shell-command.ts';
import type { Operation } from '../../../core/step.ts';
import { liveTables } from '../../../core/streams.ts';
import { imagesOf, instancesOf } from '../../../generate/infrastructure/compose-entry.ts';

export type Route = {
  readonly serviceUrl: string;
  /** Folder of the built web app, relative to the repository. */
  readonly webRoot: string;
  readonly deployment?: ToolDeployment;
};

export type SwitchRoute = Change<'switch-route', Route & { readonly database?: DatabaseRef }>;

/**
 * Routes the tool's traffic from the platform's facade to the service: the old address keeps working. Then tells the service, which
 * starts the tool: timers of the monolith's copy end, and those of the service's begin.
 */
export const switchRoute: Operation<SwitchRoute> = {
  kind: 'switch-route',
  undoPhase: 'configuration',
  plan(facts) {
    if (liveTables(facts) !== null) return [];
    return [
      {
        step: 'infrastructure',
        kind: 'switch-route',
        target: facts.manifest.id,
        before: null,
        after: { ...routeOf(facts), database: databaseOf(facts) },
      },
    ];
  },
  async run(change, ports) {
    const { database, ...route } = change.after;
    await ports.registry.setRoute(change.target, route);
    // Recorded in the service's database, so that a restart starts the tool at once; it goes with that database
    if (database !== undefined) await ports.database.announceSwitch(database);
  },
  async undo(change, ports) {
    await ports.registry.setRoute(change.target, change.before);
  },
  done: () => 'Platform routes the old address to the service',
  undone: () => 'Platform serves the tool itself again',
  wouldUndo: ({ target }) => `Route requests of ${target} to the monolith`,
  would: (change) => `Would route /api/tools/${change.target}/ to ${change.after.serviceUrl}`,
  removeByHand: (change) => sqlCommand(`DELETE FROM tool_routes WHERE tool_id = '${change.target}'`),
  findOrphans: ({ toolId }, ports) => orphansInDatabase(ports, ROUTE, [toolId]),
};

/** The service's instances, as the platform reaches them. */
export function routeOf(facts: SharedFacts): Route {
  const { manifest, names, settings, runtime, infrastructure, preflight } = facts;
  // A platform in a container reaches the instances by their names, as the gateway there does
  const urls = instancesOf(facts).map(
    ({ name, port }) =>
      `http://${infrastructure.platformInContainer === true ? name : settings.host}:${port}`,
  );
  return {
    serviceUrl: urls[0] ?? '',
    webRoot: `${names.webFolder}/dist/browser`,
    deployment: {
      runtime,
      image: runtime === 'docker' ? imagesOf(facts).api : null,
      replicas: urls.length,
      instances: urls,
      audience: serviceAudience(manifest.id),
      commit: preflight.commit,
    },
  };
}

const ROUTE = `
SELECT 'route of ' || tool_id || ' to ' || service_url AS name,
    format('DELETE FROM tool_routes WHERE tool_id = %L', tool_id) AS sql, true AS owned
  FROM tool_routes WHERE tool_id = $1`;
