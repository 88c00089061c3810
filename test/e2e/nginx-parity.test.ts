import { expect } from 'chai';
import pLimit from 'p-limit';
import { openLab, type Lab } from '../support/lab.ts';
import {
  comparable,
  differencesOf,
  isRefusedByNginx,
  isUnanswered,
  type Comparable,
  type ToolAddress,
} from '../support/parity/compare.ts';
import { PARITY_REQUESTS, type RawRequest } from '../support/parity/requests.ts';
import { PARITY_TOOL, writeParityTool } from '../support/parity/tool.ts';

/** So many requests at once; their order does not matter. */
const AT_ONCE = 8;

type Answers = ReadonlyMap<RawRequest, readonly Comparable[]>;

/** `/api/tools/<id>` itself is an address of the registry. */
const isOfTheTool = ({ isRoot }: RawRequest, { base }: ToolAddress): boolean =>
  !isRoot || !base.startsWith('/api/tools/');

async function answersAt(address: ToolAddress): Promise<Answers> {
  const limit = pLimit(AT_ONCE);
  const requests = PARITY_REQUESTS.filter((request) => isOfTheTool(request, address));
  return new Map(
    await Promise.all(
      requests.map((request) => limit(async () => [request, await comparable(request, address)] as const)),
    ),
  );
}

/** A request without an answer of the tool, and one that nginx does not pass on, are answered by a host or gateway. */
const isExplained = (request: RawRequest, answer: readonly Comparable[], { name }: ToolAddress): boolean =>
  request.isBroken ? isUnanswered(answer) : name.startsWith('nginx') && isRefusedByNginx(request, answer);

describe('a tool that is called by raw requests', function () {
  let lab: Lab;
  let inMonolith: Answers;
  before(async () => {
    lab = await openLab({ env: { PLATFORM_GATEWAY: 'nginx' }, start: false });
    await writeParityTool(lab.root);
    await lab.commit('Add odd routes');
    await lab.startPlatform();
  });
  after(() => lab.close());

  const old = `/api/tools/${PARITY_TOOL}`;
  const short = `/api/${PARITY_TOOL}`;
  const at = (name: string, url: string, base: string): ToolAddress => ({
    name,
    port: Number(new URL(url).port),
    base,
  });

  function expectedOf(
    request: RawRequest,
    { length }: readonly Comparable[],
    { name }: ToolAddress,
  ): readonly Comparable[] {
    const all = inMonolith.get(request) ?? [];
    return request.isEarly && name.startsWith('nginx') ? all.slice(0, Math.max(length, 1)) : all;
  }

  /** Lists every difference to the answers in the monolith. */
  async function expectSame(...addresses: readonly ToolAddress[]): Promise<void> {
    const different: string[] = [];
    for (const address of addresses)
      for (const [request, answer] of await answersAt(address))
        if (!isExplained(request, answer, address))
          for (const line of differencesOf(expectedOf(request, answer, address), answer))
            different.push(`${address.name}: ${request.name}: ${line}`);
    expect(different.join('\n')).to.equal('');
  }

  it('answers each of at least 300 requests in the monolith, at both addresses and through nginx', async () => {
    expect(new Set(PARITY_REQUESTS.map(({ name }) => name)).size)
      .to.equal(PARITY_REQUESTS.length)
      .and.least(300);
    inMonolith = await answersAt(at('monolith', lab.platformUrl, short));
    for (const [{ name, methods, isBroken }, answers] of inMonolith)
      if (!isBroken) expect(answers, name).to.have.length(methods.length);
    await expectSame(at('old address', lab.platformUrl, old), at('nginx', lab.gatewayUrl, short));
  });

  it('answers them alike as an exported service: directly, behind the facade, and behind nginx', async () => {
    const { code, report } = await lab.gulpJson('export', '--runtime=local', `--tool-id=${PARITY_TOOL}`);
    const problems = report.findings.filter(({ severity }) => severity !== 'info');
    expect(code, JSON.stringify(problems, null, 1)).to.equal(0);
    const registered = await fetch(`${lab.platformUrl}/api/tools/${PARITY_TOOL}`);
    const { serviceUrl } = (await registered.json()) as { serviceUrl: string };
    await expectSame(
      at('service', serviceUrl, short),
      at('facade', lab.platformUrl, old),
      at('nginx', lab.gatewayUrl, short),
      at('nginx, old address', lab.gatewayUrl, old),
    );
  });
});
