import { cpus, loadavg } from 'node:os';
import { parseProgramFlags } from '../contracts/command-line.ts';
import { audit } from '../test/support/load/ledger.ts';
import { brokenPromises } from '../test/support/load/promises.ts';
import { readStored } from '../test/support/load/read-stored.ts';
import { openDockerLab } from '../test/support/docker-lab.ts';
import { openLab } from '../test/support/lab.ts';
import { lifeInContainers } from './load/containers.ts';
import { openLife, PREFIX } from './load/life.ts';
import { lifeOnThisMachine } from './load/local.ts';
import { numbersOf } from './load/numbers.ts';

/**
 * `npm run bench:load [-- --runtime=docker --gateway=nginx --rate=200 --seconds=3]`: one tool under reads and writes through
 * the platform and the gateway, from the monolith through reloads, an export, killed processes and a rollback back to the
 * monolith. Prints numbers for each phase, and ends with exit code 1 when a request failed that must not, or when the rows
 * do not match the acknowledged writes.
 */
const flags = parseProgramFlags('bench:load', process.argv.slice(2), {
  runtime: {
    type: 'string',
    oneOf: ['local', 'docker'],
    text: 'where the exported service runs (default: local)',
  },
  gateway: {
    type: 'string',
    oneOf: ['facade', 'nginx'],
    text: 'the gateway (default: facade; nginx with --runtime=docker)',
  },
  rate: { type: 'number', text: 'requests a second (default: 200)' },
  seconds: { type: 'number', text: 'seconds of load after each event (default: 3)' },
});
const { runtime = 'local', rate = 200, seconds = 3 } = flags;
const { gateway = runtime === 'docker' ? 'nginx' : 'facade' } = flags;

const env = { PLATFORM_GATEWAY: gateway };
const containers = { ...env, PLATFORM_MODE: 'production', PLATFORM_HOST: '0.0.0.0' };
const docker = runtime === 'docker' ? await openDockerLab({ compose: 2, env: containers }) : null;
const lab = docker ?? (await openLab({ env }));
try {
  const life = await openLife(lab, { rate, seconds });
  try {
    await (docker === null ? lifeOnThisMachine(life, lab) : lifeInContainers(life, docker));
  } finally {
    await life.traffic.stop();
  }
  const { rules, traffic } = life;
  const audited = audit(traffic.writes, await readStored(await lab.databaseUrl(), PREFIX));
  const broken = brokenPromises(rules, traffic.answers, audited);
  const numbers = numbersOf(rules, traffic.answers);
  const { acknowledged, refused, unknown, lost, doubled } = audited;
  const writes = { acknowledged, refused, unknown, lost: lost.length, doubled: doubled.length };
  const machine = { cpus: cpus().length, load: loadavg() };
  console.log(
    JSON.stringify(
      { runtime, gateway, rate: traffic.rate, phases: numbers, writes, broken, machine },
      null,
      2,
    ),
  );
  if (broken.length > 0) {
    process.stderr.write(`${broken.join('\n')}\n`);
    process.exitCode = 1;
  }
  traffic.close();
} finally {
  await docker?.gulp('rollback', '--tool-id=inventory-tracker', '--discard-writes');
  await lab.close();
}
