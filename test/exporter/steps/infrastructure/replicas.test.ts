import { expect } from 'chai';
import pg from 'pg';
import { parseSettings } from '../../../../contracts/settings.ts';
import { readInfrastructureFacts } from '../../../../exporter/commands/export/read-infrastructure.ts';
import { reservePort } from '../../../../exporter/adapters/registry/service-port.ts';
import { createDatabase } from '../../../support/postgres.ts';
import { infrastructureInput } from './facts.ts';

describe('instances of a service', () => {
  const nobodyElse = () => Promise.resolve(true);
  const factsOf = (
    replicas: number,
    testedBy: string | null,
    reserve: (port: number) => Promise<boolean> = nobodyElse,
  ) => {
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
      reservePort: reserve,
    });
  };

  it('get others than those that an export at work has chosen and does not listen on yet', async () => {
    const url = await createDatabase();
    const [one, other] = [new pg.Client({ connectionString: url }), new pg.Client({ connectionString: url })];
    await Promise.all([one.connect(), other.connect()]);
    const portsFor = async (session: pg.Client, lookOnly: boolean): Promise<readonly number[]> =>
      (await factsOf(3, 'nginx', (port) => reservePort(session, port, { lookOnly }))).replicaPorts;
    const first = await portsFor(one, false);
    for (const lookOnly of [true, false])
      expect(await portsFor(other, lookOnly))
        .to.have.length(2)
        .and.not.include.members([first[0]]);
    await one.end();
    const third = new pg.Client({ connectionString: url });
    await third.connect();
    expect(await portsFor(third, true), 'free again when it has ended').to.include.members([first[0]]);
    await Promise.all([other.end(), third.end()]);
  });

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
