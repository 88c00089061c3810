import { expect } from 'chai';
import type { NextFunction, Request, Response } from 'express';
import pg from 'pg';
import { PlatformError } from '../../../../contracts/errors.ts';
import { surviveLostConnections } from '../../../../contracts/host/database-pool.ts';
import { HttpProblem } from '../../../../contracts/http-problem.ts';
import { answerToolErrors } from '../../../../monolith/server/host/tool-errors.ts';

interface Sent {
  status: number;
  body: { code: string; detail: string; errors: unknown[] };
  headers: Record<string, string>;
  logged: number;
}

function answerTo(error: unknown, showDetails = false): Sent {
  const sent: Sent = { status: 0, body: { code: '', detail: '', errors: [] }, headers: {}, logged: 0 };
  const quiet = (): void => undefined;
  const logger = { debug: quiet, info: quiet, warn: quiet, error: () => (sent.logged += 1) };
  const req = { originalUrl: '/api/tools/x/y', headers: {} } as unknown as Request;
  const res = {
    req,
    headersSent: false,
    status: (code: number) => ((sent.status = code), res),
    set: (name: string, value: string) => ((sent.headers[name] = value), res),
    type: () => res,
    send: (text: string) => ((sent.body = JSON.parse(text) as Sent['body']), res),
  } as unknown as Response;
  const next: NextFunction = () => undefined;
  answerToolErrors({ logger, showDetails })(error, req, res, next);
  return sent;
}

const sqlError = (code: string): Error => Object.assign(new Error(`secret of ${code}`), { code });

describe('tool errors', () => {
  it('answers an HttpProblem of the tool unchanged, from any copy of the class', () => {
    const copy = Object.assign(new Error('Gone.'), {
      name: 'HttpProblem',
      status: 410,
      code: 'gone',
      errors: [],
    });
    expect(answerTo(copy)).to.deep.include({ status: 410, logged: 0 });
    const problem = new HttpProblem(409, 'no-stock', 'None left.', [{ pointer: '/n', message: 'too many' }]);
    expect(answerTo(problem).body).to.deep.include({
      code: 'no-stock',
      detail: 'None left.',
      errors: problem.errors,
    });
  });

  const table: [code: string, status: number, problem: string][] = [
    ['PF503', 503, 'tool-fenced'],
    ['23505', 409, 'conflict'],
    ['23503', 409, 'conflict'],
    ['23514', 422, 'validation-failed'],
    ['22P02', 422, 'validation-failed'],
    ['22003', 422, 'validation-failed'],
    ['22021', 422, 'validation-failed'],
    ['40001', 503, 'busy'],
    ['57014', 503, 'timeout'],
    ['57P01', 503, 'database-unreachable'],
    ['08006', 503, 'database-unreachable'],
    ['42501', 500, 'undeclared-table'],
    ['42P01', 500, 'internal'],
  ];
  for (const [code, status, problem] of table)
    it(`answers error ${code} of PostgreSQL with ${status} ${problem}`, () => {
      const sent = answerTo(sqlError(code));
      expect(sent.status).to.equal(status);
      expect(sent.body.code).to.equal(problem);
      expect(sent.headers['Retry-After'] !== undefined).to.equal(status === 503);
    });

  const unreachable: [what: string, address: pg.PoolConfig][] = [
    ['a port that nothing listens on', { host: '127.0.0.1', port: 1 }],
    ['a socket that does not exist', { host: '/no/such/folder' }],
    ['a host without an address', { host: 'database.invalid' }],
  ];
  for (const [what, address] of unreachable)
    it(`answers an error of the pool itself with 503: ${what}`, async () => {
      const pool = new pg.Pool(address);
      surviveLostConnections(pool, () => undefined);
      for (const use of [() => pool.query('SELECT 1'), () => pool.connect()]) {
        const error: unknown = await use().then(
          () => null,
          (reason: unknown) => reason,
        );
        expect(answerTo(error).body.code).to.equal('database-unreachable');
      }
      await pool.end();
      const ended: unknown = await pool.connect().catch((reason: unknown) => reason);
      expect(answerTo(ended)).to.deep.include({ status: 503, logged: 1 });
    });

  for (const code of ['ENOENT', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN'])
    it(`answers ${code} of the tool's own files and connections with 500`, () => {
      const error = Object.assign(new Error(`${code}: of the tool`), { code });
      for (const thrown of [error, new AggregateError([error])])
        expect(answerTo(thrown).body).to.include({ status: 500, code: 'internal' });
    });

  it('does not take a message that resembles one of node-postgres for an outage of the database', () => {
    for (const message of ['timeout expired', 'Connection terminated by the printer'])
      expect(answerTo(new Error(message)).body.code, message).to.equal('internal');
  });

  it('answers subclasses of HttpProblem and PlatformError like their class', () => {
    class OutOfStock extends HttpProblem {
      override readonly name = 'OutOfStock' as 'HttpProblem';
    }
    class Unknown extends PlatformError {
      override readonly name = 'Unknown' as 'PlatformError';
    }
    expect(answerTo(new OutOfStock(409, 'out-of-stock', 'None left.'))).to.deep.include({
      status: 409,
      logged: 0,
    });
    expect(answerTo(new Unknown('tool-not-found', 'No such tool.')).body).to.include({
      status: 404,
      detail: 'No such tool.',
    });
  });

  it('titles an error of a tool by its status, even with a code of the platform', () => {
    const titleOf = (error: Error): unknown => (answerTo(error).body as { title?: unknown }).title;
    expect(titleOf(new HttpProblem(404, 'not-found', 'x'))).to.equal('This address does not exist.');
    expect(titleOf(new HttpProblem(409, 'tool-in-use', 'x'))).to.equal('Conflict');
    expect(titleOf(new PlatformError('tool-in-use'))).to.match(/running job/);
  });

  it('logs faults, and shows their message in development only', () => {
    const fault = answerTo(new Error('disk on fire'));
    expect(fault).to.deep.include({ status: 500, logged: 1 });
    expect(fault.body.detail).not.to.include('fire');
    expect(answerTo(new Error('disk on fire'), true).body.detail).to.include('disk on fire');
  });

  it('does not log errors that the caller caused', () => {
    expect(answerTo(new PlatformError('forbidden', 'No.'))).to.deep.include({ status: 403, logged: 0 });
    expect(
      answerTo(Object.assign(new Error('x'), { status: 413, type: 'entity.too.large' })).body.code,
    ).to.equal('body-too-large');
    expect(answerTo(sqlError('PF503')).logged).to.equal(0);
  });

  it('answers any thrown value with 500', () => {
    for (const thrown of [null, undefined, 'text', 7, {}]) expect(answerTo(thrown).status).to.equal(500);
  });
});
