import type { Facts } from '../../core/facts.ts';
import { imagesOf, instancesOf } from '../../generate/infrastructure/compose-entry.ts';
import type { RecordExport } from './operations/record-export.ts';
import type { StartService } from './operations/start-service.ts';
import type { SwitchRoute } from './operations/switch-route.ts';

/** The service as a process of this machine. Passwords stay in their files; the plan names only where they are. */
export function startServiceChange(facts: Facts): StartService {
  const { names, settings, manifest, serviceDatabase, infrastructure, servicePort } = facts;
  const env: Record<string, string> = {
    NODE_ENV: 'production',
    HOST: settings.host,
    PORT: String(servicePort),
    AUTH_MODE: settings.mode === 'production' ? 'required' : 'development',
    LOG_LEVEL: settings.logLevel === 'silent' ? 'warn' : settings.logLevel,
    DATABASE_URL: serviceDatabase.url,
    DATABASE_PASSWORD_FILE: serviceDatabase.passwordFile,
    ...infrastructure.platformKeys,
  };
  return {
    step: 'infrastructure',
    kind: 'start-service',
    target: `${names.api} on port ${servicePort}`,
    before: null,
    after: {
      folder: names.apiFolder,
      entry: 'dist/server.js',
      env,
      passEnv: manifest.env.map((variable) => variable.name),
      readyUrl: `http://${settings.host}:${servicePort}/readyz`,
      logFile: `${settings.stateDir}/logs/${names.api}.log`,
      runFile: `${settings.stateDir}/run/${names.api}.json`,
    },
  };
}

export function switchRouteChange(facts: Facts): SwitchRoute {
  const { manifest, names, settings, runtime, infrastructure } = facts;
  // A platform in a container finds the instances as the gateway there does: by their names
  const urls = instancesOf(facts).map(
    ({ name, port }) =>
      `http://${infrastructure.platformInContainer === true ? name : settings.host}:${port}`,
  );
  return {
    step: 'infrastructure',
    kind: 'switch-route',
    target: manifest.id,
    before: null,
    after: {
      serviceUrl: urls[0] ?? '',
      webRoot: `${names.webFolder}/dist/browser`,
      deployment: {
        runtime,
        image: runtime === 'docker' ? imagesOf(facts).api : null,
        replicas: urls.length,
        instances: urls,
        commit: facts.preflight.commit,
      },
    },
  };
}

export function recordExportChange(facts: Facts): RecordExport {
  const { manifest, names, servicePort, infrastructure } = facts;
  const gateway = `http://localhost:${infrastructure.gatewayPort}`;
  return {
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
  };
}
