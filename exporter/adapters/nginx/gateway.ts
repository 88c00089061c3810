import type { GatewayPort } from '../../core/infrastructure-ports.ts';
import { containerNginx } from './container-nginx.ts';
import { hostNginx, type NginxPlace } from './host-nginx.ts';

/** The gateway, whether its nginx runs in a container, on this machine or (the platform's facade serves) not at all. */
export function createGatewayPort(place: NginxPlace): GatewayPort {
  const places = [containerNginx(place), hostNginx(place)];
  return {
    async validate(files) {
      const verdicts = [];
      for (const nginx of places) verdicts.push(await nginx.validate(files));
      const asked = verdicts.filter((verdict) => verdict.testedBy !== null);
      return (
        asked.find((verdict) => verdict.problem !== null) ??
        asked[0] ??
        verdicts.find((verdict) => verdict.untested !== undefined) ?? { testedBy: null, problem: null }
      );
    },
    async reload() {
      const results = [];
      for (const nginx of places) results.push(await nginx.reload());
      return results.includes('reloaded') ? 'reloaded' : 'not-running';
    },
  };
}
