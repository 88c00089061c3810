import { expect } from 'chai';
import type { Request, RequestHandler, Response } from 'express';
import sinon, { type SinonFakeTimers } from 'sinon';
import { afterSwitch, untilSwitched } from '../../../contracts/host/after-switch.ts';
import { fakeClock } from '../../support/fake-clock.ts';

describe('a tool that waits for the switch', () => {
  let clock: SinonFakeTimers;
  beforeEach(() => (clock = fakeClock()));
  afterEach(() => clock.restore());

  const answered: string[] = [];
  beforeEach(() => (answered.length = 0));
  const send = (handler: RequestHandler, url: string): Promise<unknown> => {
    const response = { set: () => undefined } as unknown as Response;
    return Promise.resolve(handler({ url } as unknown as Request, response, () => undefined)).catch(
      (error: unknown) => error,
    );
  };
  const router: RequestHandler = ({ url }) => void answered.push(url);

  it('creates its router at the switch, once, and answers the requests that have waited for it', async () => {
    const switched = Promise.withResolvers<undefined>();
    const create = sinon.stub().returns(router);
    const handler = afterSwitch(switched.promise, create);
    const waiting = [send(handler, '/a'), send(handler, '/b')];
    await clock.tickAsync(9_000);
    sinon.assert.notCalled(create);
    expect(answered).to.deep.equal([]);
    switched.resolve(undefined);
    await Promise.all(waiting);
    await send(handler, '/c');
    expect(answered).to.deep.equal(['/a', '/b', '/c']);
    sinon.assert.calledOnce(create);
  });

  it('answers 503 to a request that the switch keeps waiting for ten seconds, and does not start', async () => {
    const create = sinon.stub().returns(router);
    const refused = send(afterSwitch(new Promise(() => undefined), create), '/a');
    await clock.tickAsync(10_000);
    expect(await refused).to.include({ status: 503, code: 'starting' });
    sinon.assert.notCalled(create);
  });

  it('asks its database until that records the switch, even if the database is away for a while', async () => {
    const query = sinon.stub().resolves({ rows: [{ switched: true }] });
    query.onCall(0).resolves({ rows: [{ switched: false }] });
    query.onCall(1).rejects(new Error('connection refused'));
    let switched = false;
    const waiting = untilSwitched({ query }).then(() => (switched = true));
    await clock.tickAsync(199);
    expect(switched).to.equal(false);
    await clock.tickAsync(1);
    await waiting;
    sinon.assert.calledThrice(query);
    const [, settings] = query.lastCall.args as [string, unknown[]];
    expect(settings).to.deep.equal([
      ['generator_platform.switched=on', 'generator_platform.switched=shadow'],
    ]);
  });
});
