import { expect } from 'chai';
import pg from 'pg';
import type { ToolId } from '../../../../contracts/ids.ts';
import { parseSettings } from '../../../../contracts/settings.ts';
import { readInfrastructure } from '../../../../exporter/commands/export/read-infrastructure.ts';
import { reservePort } from '../../../../exporter/adapters/registry/service-port.ts';
import { checkInfrastructure } from '../../../../exporter/steps/infrastructure/check.ts';
import type { InfrastructureStepFacts } from '../../../../exporter/steps/infrastructure/facts.ts';
import { createDatabase } from '../../../support/postgres.ts';
import { infrastructureInput } from './facts.ts';

describe('instances of a service', () => {
  const noOtherExport = () => Promise.resolve(true);
  const factsOf = (replicas: number, reserve: (port: number) => Promise<boolean> = noOtherExport) => {
    const { names } = infrastructureInput({ id: 'crm' });
    return readInfrastructure({
      root: process.cwd(),
      settings: parseSettings({}),
      toolId: 'crm' as ToolId,
      names,
      servicePort: 21_004,
      replicas,
      runtime: 'local',
      digests: {},
      platformUrl: null,
      gatewayPort: 8080,
      reservePort: reserve,
    });
  };

  it('avoids ports that a running export has reserved but does not use yet', async () => {
    const url = await createDatabase();
    const [one, other] = [new pg.Client({ connectionString: url }), new pg.Client({ connectionString: url })];
    await Promise.all([one.connect(), other.connect()]);
    const portsFor = async (session: pg.Client, lookOnly: boolean): Promise<readonly number[]> =>
      (await factsOf(3, (port) => reservePort(session, port, { lookOnly }))).replicaPorts;
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

  it('assigns every instance a free port that the compose file does not use', async () => {
    const { replicaPorts, databasePort } = await factsOf(4);
    expect(new Set([...replicaPorts, databasePort]).size).to.equal(4);
    for (const port of replicaPorts) expect(port).to.be.greaterThan(21_004);
  });

  it('plans several instances without nginx, and without a warning', async () => {
    const infrastructure = await factsOf(3);
    for (const testedBy of [null, 'nginx']) {
      const facts = { ...infrastructureInput({ id: 'crm' }), infrastructure, occupied: [] };
      const verdict = { testedBy, problem: null };
      const findings = checkInfrastructure({ ...facts, verdict } as unknown as InfrastructureStepFacts);
      expect(findings.map(({ code, severity }) => `${severity} ${code}`)).to.deep.equal(
        testedBy === null ? ['info nginx-not-run'] : [],
      );
    }
  });
});
