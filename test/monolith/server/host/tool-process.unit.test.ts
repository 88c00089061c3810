import { EventEmitter } from 'node:events';
import { expect } from 'chai';
import type pg from 'pg';
import sinon from 'sinon';
import { PlatformError } from '../../../../contracts/errors.ts';
import { decodeCaller, encodeCaller } from '../../../../monolith/server/host/process/caller-header.ts';
import { parseFromTool } from '../../../../monolith/server/host/process/messages.ts';
import { watchPool } from '../../../../monolith/server/host/process/pool-watch.ts';

describe('the process of a tool', () => {
  describe('watch of its database pool', () => {
    let clock: sinon.SinonFakeTimers;
    beforeEach(() => {
      clock = sinon.useFakeTimers({ now: 100_000, toFake: ['performance'] });
    });
    afterEach(() => {
      clock.restore();
    });
    const poolWith = (counts: { waitingCount: number; idleCount: number }): pg.Pool & EventEmitter =>
      Object.assign(new EventEmitter(), { totalCount: 8, ...counts }) as unknown as pg.Pool & EventEmitter;

    it('reports a pool whose connections are never released while a request waits', () => {
      const pool = poolWith({ waitingCount: 0, idleCount: 0 });
      const watch = watchPool(pool);
      for (let i = 0; i < 8; i += 1) pool.emit('acquire');
      clock.tick(10_000);
      Object.assign(pool, { waitingCount: 1 });
      expect(watch.stuck()).to.equal(null);
      Object.assign(pool, { waitingCount: 0 }); // that request gave up
      clock.tick(40_000);
      expect(watch.stuck()).to.match(/held all 8 connections/);
    });

    it('reports nothing while connections are released, or while no request waits', () => {
      const pool = poolWith({ waitingCount: 3, idleCount: 0 });
      const watch = watchPool(pool);
      for (let seconds = 0; seconds < 120; seconds += 10) {
        pool.emit('release');
        expect(watch.stuck()).to.equal(null);
        clock.tick(10_000);
      }
      const listening = watchPool(poolWith({ waitingCount: 0, idleCount: 0 }));
      clock.tick(120_000);
      expect(listening.stuck()).to.equal(null);
    });
  });

  it('gets the caller with the permissions of the tool only', () => {
    const caller = {
      principal: { subject: 'anna "ü"', permissions: ['notes:read', 'tools:write', 'crm:read'] },
      refusal: null,
      local: true,
    };
    expect(decodeCaller(encodeCaller(caller, new Set(['notes:read', 'notes:write'])))).to.deep.equal({
      ...caller,
      principal: { subject: 'anna "ü"', permissions: ['notes:read'] },
    });
    const all = { ...caller, principal: { subject: 'dev', permissions: ['*'] } };
    expect(decodeCaller(encodeCaller(all, new Set())).principal).to.deep.equal(all.principal);
  });

  it('gets the refusal of a token with its code', () => {
    const refusal = new PlatformError('unauthenticated', 'The token has expired.');
    const decoded = decodeCaller(encodeCaller({ principal: null, refusal, local: false }, new Set()));
    expect(decoded.principal).to.equal(null);
    expect(decoded.refusal).to.be.instanceOf(PlatformError);
    expect(decoded.refusal).to.include({ code: 'unauthenticated', message: 'The token has expired.' });
  });

  it("ignores messages of a tool's process that have another form", () => {
    const pong = { type: 'pong', memory: 1, ownWork: false, stuck: null };
    const log = { type: 'log', level: 'warn', fields: {} };
    for (const message of [pong, log, { type: 'ready', port: 1 }, { type: 'failed', problem: 'x' }])
      expect(parseFromTool(message)).to.equal(message);
    for (const message of [
      null,
      'ready',
      { type: 'exit' },
      { ...log, level: 'fatal' },
      { ...log, level: 'constructor' },
      { ...log, fields: null },
      { ...log, message: {} },
      { ...pong, stuck: 7 },
      { ...pong, memory: '1' },
      { type: 'ready', port: '80' },
      { type: 'failed' },
    ])
      expect(parseFromTool(message), JSON.stringify(message)).to.equal(null);
  });
});
