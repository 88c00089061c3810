import { setTimeout as delay } from 'node:timers/promises';
import { EventEmitter, once } from 'node:events';
import { expect } from 'chai';
import { createHolds, type Holds } from '../../../../monolith/server/gateway/holds.ts';

const HELD = { toolId: 'crm', id: 'first', ms: 60_000 };

/** A request that has passed emits `passed`; its response is answered by `emit('close')`. */
function send(holds: Holds, toolId = 'crm'): EventEmitter {
  const response = new EventEmitter();
  void holds.handler(
    { params: { toolId } } as never,
    response as never,
    () => void response.emit('passed', toolId),
  );
  return response;
}

describe('requests of a tool that is held', () => {
  let acknowledged: string[];
  let holds: Holds;
  beforeEach(() => {
    acknowledged = [];
    holds = createHolds((toolId) => Promise.resolve(void acknowledged.push(toolId)));
  });
  afterEach(() => {
    holds.close();
  });

  it('wait until the hold ends, and go on in their order; those of other tools do not wait', async () => {
    holds.apply([HELD]);
    const passed: number[] = [];
    for (const n of [1, 2, 3]) send(holds).once('passed', () => passed.push(n));
    await once(send(holds, 'fleet'), 'passed');
    expect(passed).to.deep.equal([]);
    holds.apply([]);
    await delay(0);
    expect(passed).to.deep.equal([1, 2, 3]);
  });

  it('wait no longer than the hold allows, though it is never ended', async () => {
    holds.apply([{ ...HELD, ms: 20 }]);
    await once(send(holds), 'passed');
  });

  it('are acknowledged when those that the tool has begun are answered', async () => {
    const begun = send(holds);
    await once(begun, 'passed');
    holds.apply([HELD]);
    await delay(20);
    expect(acknowledged).to.deep.equal([]);
    begun.emit('close');
    await delay(20);
    expect(acknowledged).to.deep.equal(['crm']);
  });

  it('are acknowledged again when a hold follows another', async () => {
    holds.apply([HELD]);
    await delay(5);
    const waiting = send(holds);
    holds.apply([{ ...HELD, id: 'second' }]);
    await once(waiting, 'passed');
    waiting.emit('close');
    await delay(20);
    expect(acknowledged).to.deep.equal(['crm', 'crm']);
  });
});
