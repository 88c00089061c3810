import { createHmac } from 'node:crypto';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { PlatformError } from '../../contracts/errors.ts';
import { claimDeliveries, insertWebhook } from '../../registry-api/webhooks/store.ts';
import { endJob } from '../../registry-api/store/jobs.ts';
import { issueToken } from '../../registry-api/auth/token.ts';
import { eventually } from './support/eventually.ts';
import { aManifest, startTestRegistry, type Answer, type TestRegistry } from './support/registry.ts';

interface Received {
  readonly id: string;
  readonly signature: string;
  readonly timestamp: string;
  readonly body: string;
}

/** The receivers of these tests listen on this machine. */
const LOOPBACK = { PLATFORM_WEBHOOK_NETWORKS: '127.0.0.0/8' };

describe('webhooks', function () {
  let registry: TestRegistry;
  let receiver: Server;
  let address: string;
  let received: Received[];
  let answers: number[];

  before(async () => {
    registry = await startTestRegistry({ env: LOOPBACK, webhooks: { firstPauseSeconds: 0.05 } });
    receiver = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        const header = (name: string) => String(request.headers[name]);
        received.push({
          id: header('webhook-id'),
          signature: header('webhook-signature'),
          timestamp: header('webhook-timestamp'),
          body,
        });
        response.writeHead(answers.shift() ?? 204).end();
      });
    });
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    address = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`;
  });
  after(async () => {
    await registry.close();
    receiver.closeAllConnections();
    receiver.close();
  });
  beforeEach(() => {
    received = [];
    answers = [];
  });
  afterEach(() => registry.pool.query('DELETE FROM webhooks'));

  const subscribe = async (...events: string[]) =>
    (await registry.call('POST', '/api/webhooks', { body: { url: address, events } })).body;
  const arrived = async (count: number) => {
    for (let look = 0; look < 250 && received.length < count; look += 1)
      await new Promise((resolve) => setTimeout(resolve, 20));
    expect(received).to.have.length(count);
  };

  it('delivers changes to webhooks with a verifiable signature', async () => {
    const { secret } = await subscribe('tool.registered');
    const manifest = aManifest();
    await registry.call('POST', '/api/tools', { body: manifest });
    await registry.call('PUT', `/api/tools/${manifest.id}`, {
      body: { name: 'not asked for', status: 'beta' },
    });
    await arrived(1);
    const [{ id, timestamp, signature, body } = received[0]!] = received;
    const key = Buffer.from(String(secret).replace('whsec_', ''), 'base64');
    expect(signature).to.equal(
      `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`,
    );
    const reported = JSON.parse(body);
    expect(reported.type).to.equal('tool.registered');
    expect(reported.data).to.deep.include({ toolId: manifest.id, actor: 'developer', before: null });
    expect(reported.data.after.name).to.equal(manifest['name']);
  });

  it('retries a delivery with the same id until it is accepted', async () => {
    const { id } = await subscribe('*');
    answers = [500, 302, 503];
    await registry.call('POST', '/api/tools', { body: aManifest() });
    await arrived(4);
    expect(new Set(received.map((delivery) => delivery.id)).size).to.equal(1);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const { data } = (await registry.call('GET', `/api/webhooks/${id}/deliveries`)).body;
    expect(data).to.have.length(1);
    expect(data[0]).to.include({ attempts: 4, nextAttemptAt: null, lastProblem: null });
    expect(received, 'nothing after it was taken').to.have.length(4);
  });

  describe('without an accepting receiver', () => {
    interface Due {
      readonly attempts: number;
      readonly pause: number | null;
      readonly last_problem: string | null;
    }
    /** A deliverer with its own database, which polls only on demand. */
    const patient = async (work: (registry: TestRegistry, reported: () => Promise<Due>) => Promise<void>) => {
      const own = await startTestRegistry({ env: LOOPBACK, webhooks: { firstPauseSeconds: 1_000 } });
      try {
        await work(own, async () => {
          const state = async (): Promise<Due | undefined> =>
            (
              await own.pool.query<Due>(
                `SELECT attempts, last_problem, extract(epoch FROM next_attempt_at - now())::int AS pause
                   FROM webhook_deliveries`,
              )
            ).rows[0];
          const { attempts = 0 } = (await state()) ?? {};
          await own.pool.query('UPDATE webhook_deliveries SET next_attempt_at = now()');
          await own.pool.query(`SELECT pg_notify('webhook_outbox', '')`);
          for (let look = 0; look < 300; look += 1) {
            const now = await state();
            // leased and recorded: while it is being sent it is due again in seconds
            if (now !== undefined && now.attempts > attempts && (now.pause === null || now.pause > 100))
              return now;
            await new Promise((resolve) => setTimeout(resolve, 20));
          }
          return expect.fail('it was never tried');
        });
      } finally {
        await own.close();
      }
    };

    it('retries a delivery with exponential backoff, and finally gives up', async () => {
      await patient(async (own, reported) => {
        await own.call('POST', '/api/webhooks', { body: { url: address, events: ['*'] } });
        answers = Array<number>(20).fill(500);
        await own.call('POST', '/api/tools', { body: aManifest() });
        for (let look = 0; look < 300 && received.length === 0; look += 1)
          await new Promise((resolve) => setTimeout(resolve, 20));
        const pauses: number[] = [];
        for (const attempt of [2, 3, 4]) {
          const due = await reported();
          expect(due).to.include({ attempts: attempt, last_problem: 'answered with status 500' });
          pauses.push(due.pause ?? NaN);
        }
        pauses.forEach((pause, i) => expect(pause).to.be.within(1_980 * 2 ** i, 2_500 * 2 ** i));
        await own.pool.query('UPDATE webhook_deliveries SET attempts = 15');
        expect(await reported()).to.include({ attempts: 16, pause: null });
        await own.pool.query(`SELECT pg_notify('webhook_outbox', '')`);
        expect(
          (await own.pool.query('SELECT FROM webhook_deliveries WHERE delivered_at IS NULL')).rowCount,
        ).to.equal(1);
      });
    });

    it('another deliverer delivers when the first one died', async () => {
      await patient(async (own, reported) => {
        await own.pool.query(`INSERT INTO webhooks (url, events, actor) VALUES ($1, '{*}', 'x')`, [address]);
        const writer = await own.pool.connect();
        await writer.query('BEGIN');
        await writer.query(
          `INSERT INTO tool_registry (tool_id, name, version, route, api_base) VALUES ('kept', 'K', '1.0.0', '/tools/kept', '/api/tools/kept')`,
        );
        // claimed in the transaction of the change, before any deliverer can see it
        expect(await claimDeliveries(writer, { limit: 10, leaseSeconds: 3_600, busy: [] })).to.have.length(1);
        await writer.query('COMMIT');
        writer.release();
        expect(received).to.have.length(0);
        expect(await reported()).to.include({ attempts: 2, pause: null, last_problem: null });
        expect(received).to.have.length(1);
      });
    });
  });

  it('webhooks report the status of exports', async () => {
    await subscribe('export.completed');
    const manifest = aManifest();
    await registry.call('POST', '/api/tools', { body: manifest });
    const { body } = await registry.call('POST', `/api/tools/${manifest.id}/export`);
    await endJob(registry.pool, body.id, { status: 'completed' });
    await arrived(1);
    expect(JSON.parse(received[0]?.body ?? '')).to.deep.include({ type: 'export.completed' });
  });

  it('webhooks do not report a rolled back change', async () => {
    await subscribe('*');
    const client = await registry.pool.connect();
    await client.query('BEGIN');
    await client.query(
      `INSERT INTO tool_registry (tool_id, name, version, route, api_base) VALUES ('gone', 'G', '1.0.0', '/tools/gone', '/api/tools/gone')`,
    );
    await client.query('ROLLBACK');
    client.release();
    const { rows } = await registry.pool.query('SELECT FROM webhook_deliveries');
    expect(rows).to.have.length(0);
  });

  it('deliveries reach their receivers while forty others do not answer', async () => {
    const held: ServerResponse[] = [];
    const hanging = createServer((_request, response) => void held.push(response));
    await new Promise<void>((resolve) => hanging.listen(0, '127.0.0.1', resolve));
    const { port } = hanging.address() as AddressInfo;
    for (let i = 0; i < 40; i += 1)
      await registry.pool.query(`INSERT INTO webhooks (url, events, actor) VALUES ($1, '{*}', $2)`, [
        `http://127.0.0.1:${port}/${i}`,
        `owner ${i % 3}`,
      ]);
    await subscribe('tool.registered');
    for (let i = 0; i < 5; i += 1) await registry.call('POST', '/api/tools', { body: aManifest() });
    await arrived(5);
    expect(held.length, 'each of the others has one delivery in flight').to.be.within(1, 40);
    expect(
      held.every((response) => !response.destroyed),
      'and is still waited for',
    ).to.equal(true);
    hanging.closeAllConnections();
    hanging.close();
  });

  it('limits webhooks to 20 of one owner, also when they are created at once', async () => {
    const body = { url: address, events: ['*'] };
    const as = async (subject: string): Promise<Answer> => {
      const token = await issueToken(registry.keys, {
        subject,
        permissions: ['webhooks:manage'],
        ttlSeconds: 60,
      });
      return registry.call('POST', '/api/webhooks', { body, headers: { Authorization: `Bearer ${token}` } });
    };
    const answers = await Promise.all(Array.from({ length: 23 }, () => as('collector')));
    const refused = answers.filter(({ status }) => status !== 201);
    expect(refused.map(({ status, body: { code } }) => [status, code])).to.deep.equal(
      Array(3).fill([409, 'webhook-limit']),
    );
    expect((await as('another')).status).to.equal(201);
  });

  it('fills the last place of an owner only once', async () => {
    const webhook = { url: address, events: ['*'], actor: 'late' };
    const [first, second] = [await registry.pool.connect(), await registry.pool.connect()];
    try {
      await first.query('BEGIN');
      for (let i = 0; i < 20; i += 1) await insertWebhook(first, webhook);
      await second.query('BEGIN');
      const extra = insertWebhook(second, webhook).catch((error: unknown) => error);
      await first.query('COMMIT');
      expect(await extra)
        .to.be.instanceOf(PlatformError)
        .with.property('code', 'webhook-limit');
    } finally {
      first.release(true);
      second.release(true);
    }
  });

  describe('to addresses that are not public', () => {
    let closed: TestRegistry;
    before(async () => {
      closed = await startTestRegistry({ webhooks: { firstPauseSeconds: 1_000 } });
    });
    after(() => closed.close());

    for (const host of [
      '127.0.0.1',
      'localhost',
      'api.localhost',
      '10.1.2.3',
      '169.254.169.254',
      '192.168.1.1',
      '0.0.0.0',
      '0x7f.1',
      '2130706433',
      '[::1]',
      '[::ffff:127.0.0.1]',
      '[fe80::1]',
      '[fd00::1]',
    ])
      it(`refuses webhooks to http://${host}/`, async () => {
        const { status, body } = await closed.call('POST', '/api/webhooks', {
          body: { url: `http://${host}/`, events: ['*'] },
        });
        expect([status, body.code, body.errors?.[0]?.pointer]).to.deep.equal([422, 'body-invalid', '/url']);
        expect(body.detail).to.include('PLATFORM_WEBHOOK_NETWORKS');
      });

    it('sends nothing to addresses that are not public, and reveals nothing about the host', async () => {
      const port = new URL(address).port;
      for (const host of ['127.0.0.1', 'localhost'])
        await closed.pool.query(`INSERT INTO webhooks (url, events, actor) VALUES ($1, '{*}', 'x')`, [
          `http://${host}:${port}/hook`,
        ]);
      await closed.call('POST', '/api/tools', { body: aManifest() });
      const problems = async (): Promise<readonly string[]> =>
        (
          await closed.pool.query<{ p: string }>(
            'SELECT last_problem AS p FROM webhook_deliveries WHERE last_problem IS NOT NULL',
          )
        ).rows.map(({ p }) => p);
      await eventually(async () => (await problems()).length === 2, 10_000);
      expect(await problems()).to.deep.equal(Array(2).fill('the host is not a public address'));
      expect(received).to.deep.equal([]);
    });
  });

  it('webhooks store no secret in the database', async () => {
    const headers = { 'Idempotency-Key': 'hook' };
    const send = () =>
      registry.call('POST', '/api/webhooks', { body: { url: address, events: ['*'] }, headers });
    const { secret } = (await send()).body;
    const again = await send();
    expect(again.headers.get('idempotency-replayed')).to.equal('true');
    expect(again.body.secret, 'the repeated answer is whole')
      .to.equal(secret)
      .and.match(/^whsec_/);
    const { rows } = await registry.pool.query<{ text: string }>(
      'SELECT w::text AS text FROM webhooks w UNION ALL SELECT k::text FROM idempotency_keys k',
    );
    expect(rows).to.have.length(2);
    for (const { text } of rows) expect(text).not.to.include(String(secret).slice(6, 30));
    expect((await registry.call('GET', '/api/webhooks')).body.data[0]).not.to.have.property('secret');
  });
});
