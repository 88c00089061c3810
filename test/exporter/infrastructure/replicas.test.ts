import { expect } from 'chai';
import { parseSettings } from '../../../contracts/settings.ts';
import { readInfrastructureFacts } from '../../../exporter/adapters/compose/read-infrastructure-facts.ts';
import { infrastructureInput } from './facts.ts';

describe('instances of a service', () => {
  const factsOf = (replicas: number, testedBy: string | null) => {
    const { manifest, names } = infrastructureInput({ id: 'crm' });
    return readInfrastructureFacts({
      root: process.cwd(),
      settings: parseSettings({}),
      manifest,
      names,
      servicePort: 21_004,
      replicas,
      runtime: 'local',
      platformUrl: null,
      gatewayPort: 8080,
      gateway: {
        validate: () => Promise.resolve({ testedBy, problem: null }),
        reload: () => Promise.resolve('not-running'),
      },
    });
  };

  it('get ports of their own, that nobody listens on and the compose file does not give away', async () => {
    const { replicaPorts, databasePort } = await factsOf(4, 'nginx');
    expect(new Set([...replicaPorts, databasePort]).size).to.equal(4);
    for (const port of replicaPorts) expect(port).to.be.greaterThan(21_004);
  });

  it('are no reason for a warning where no nginx spreads the requests: the platform does', async () => {
    for (const testedBy of [null, 'nginx'])
      expect((await factsOf(3, testedBy)).findings.filter((f) => f.severity === 'warning')).to.deep.equal([]);
  });
});
