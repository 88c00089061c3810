import { expect } from 'chai';
import type { Pool } from 'pg';
import sinon, { type SinonFakeTimers } from 'sinon';
import type { Notifications } from '../../registry-api/notifications.ts';
import { startDeliverer } from '../../registry-api/webhooks/deliver.ts';
import type { DueDelivery } from '../../registry-api/webhooks/store.ts';
import { fakeClock } from '../support/fake-clock.ts';

describe('the retries of a webhook', () => {
  let clock: SinonFakeTimers;
  let send: sinon.SinonStub;
  let chance: sinon.SinonStub;
  beforeEach(() => {
    clock = fakeClock();
    send = sinon.stub();
    chance = sinon.stub(Math, 'random').returns(0);
  });
  afterEach(() => {
    clock.restore();
    sinon.restore();
  });

  const delivery = (attempts: number): DueDelivery => ({
    id: String(attempts),
    webhookId: `w${attempts}`,
    url: 'http://receiver.test/',
    event: 'tool.exported',
    payload: {},
    createdAt: new Date(0),
    attempts,
  });

  /** A database with these due deliveries; the deliverer runs until all are settled. */
  async function run(due: readonly DueDelivery[], claim?: sinon.SinonStub, afterwards?: () => void) {
    const settled: unknown[][] = [];
    const claims = claim ?? sinon.stub().resolves([]).onCall(0).resolves(due);
    const query = async (sql: string, values: unknown[]): Promise<unknown> => {
      if (sql.includes('SKIP LOCKED')) return { rows: (await claims(values[2])) as unknown };
      settled.push(values);
      return { rows: [] };
    };
    const onFault = sinon.spy();
    const deliverer = startDeliverer({
      pool: { query } as unknown as Pool,
      notifications: { on: () => () => undefined } as unknown as Notifications,
      post: send,
      secretOf: () => Promise.resolve(Buffer.from('secret')),
      onFault,
    });
    await clock.tickAsync(12_000);
    for (let i = 0; i < 2; i += 1) {
      afterwards?.();
      await clock.tickAsync(1_000);
    }
    await deliverer.stop();
    return { settled, claims, onFault };
  }

  it('doubles the pause of webhook retries from 5 seconds to 3 hours, and gives up after 16 attempts', async () => {
    send.resolves(503);
    const { settled } = await run([1, 2, 3, 11, 12, 13, 15, 16].map(delivery));
    expect(settled.map(([id, , seconds]) => [id, seconds])).to.deep.equal([
      ['1', 5],
      ['2', 10],
      ['3', 20],
      ['11', 5_120],
      ['12', 10_240],
      ['13', 10_800],
      ['15', 10_800],
      ['16', null],
    ]);
    expect(new Set(settled.map(([, problem]) => problem))).to.deep.equal(
      new Set(['answered with status 503']),
    );
  });

  it('adds up to 25 % jitter to webhook retries', async () => {
    chance.returns(1);
    send.rejects(new TypeError('fetch failed', { cause: new Error('ECONNREFUSED') }));
    const { settled } = await run([delivery(1)]);
    expect(settled).to.deep.equal([['1', 'fetch failed: ECONNREFUSED', 6.25]]);
  });

  it('does not retry a webhook after a 2xx answer', async () => {
    send.resolves(202);
    expect((await run([delivery(3)])).settled).to.deep.equal([['3', null, null]]);
  });

  it('keeps delivering webhooks after a database outage, and reports any other fault', async () => {
    send.resolves(204);
    const claim = sinon.stub().resolves([]);
    claim.onCall(0).rejects(Object.assign(new Error('restart'), { code: '57P01' }));
    claim.onCall(1).rejects(new Error('a mistake of ours'));
    claim.onCall(2).resolves([delivery(1)]);
    const { settled, onFault } = await run([], claim);
    expect(settled).to.deep.equal([['1', null, null]]);
    expect(onFault.args.flat().map(String)).to.deep.equal(['Error: a mistake of ours']);
  });

  it('sends one delivery of a webhook at a time, and those of others meanwhile', async () => {
    const answers: (() => void)[] = [];
    const urls: string[] = [];
    send.callsFake(({ url }: { url: string }) => {
      urls.push(url);
      return url.includes('slow')
        ? new Promise<number>((resolve) => answers.push(() => resolve(204)))
        : Promise.resolve(204);
    });
    const due = (webhookId: string, id: string): DueDelivery => ({
      ...delivery(1),
      id,
      webhookId,
      url: `http://${webhookId}.test/${id}`,
    });
    const waiting = [due('slow', '1'), due('slow', '2'), due('quick', '3'), due('quick', '4')];
    // as the query does: the oldest of each webhook that is not busy
    const claim = sinon.stub().callsFake((busy: readonly string[]) => {
      const next = waiting.filter(
        (one, i) =>
          !busy.includes(one.webhookId) &&
          waiting.findIndex((other) => other.webhookId === one.webhookId) === i,
      );
      for (const one of next) waiting.splice(waiting.indexOf(one), 1);
      return Promise.resolve(next);
    });
    const { settled } = await run([], claim, () => answers.forEach((answer) => answer()));
    expect(urls).to.deep.equal([
      'http://slow.test/1',
      'http://quick.test/3',
      'http://quick.test/4',
      'http://slow.test/2',
    ]);
    expect(settled.map(([id]) => id)).to.deep.equal(['3', '4', '1', '2']);
  });
});
