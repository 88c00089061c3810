import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import type { FromPlatform } from '../../dev/messages.ts';
import { createDatabase } from '../support/postgres.ts';
import { call, makeRepository, type TestRepository } from '../monolith/server/repository.ts';

/** Longest wait in milliseconds for one change, also on a busy machine. */
const WAIT_MS = 60_000;
const PLATFORM = path.resolve(import.meta.dirname, '../../dev/platform.ts');

describe('watch mode', () => {
  let repository: TestRepository;
  let child: ChildProcess;
  let base: string;
  let output = '';

  const backend = (word: string): string => `import { Router } from 'express';
    import { shout } from './shout.ts';
    export default ({ db }) => Router()
      .get('/word', (_req, res) => void res.json(shout('${word}')))
      .get('/rows', async (_req, res) => void res.json((await db.query('SELECT * FROM words')).rows));`;
  const manifest = { name: 'Words', databaseSchema: { tables: ['words'] } };
  /** Asks until the answer is as it should be. */
  const until = async (at: string, wanted: (body: string, status: number) => boolean): Promise<void> => {
    const limit = performance.now() + WAIT_MS;
    for (;;) {
      const { text, status } = await call(`${base}${at}`, { signal: AbortSignal.timeout(WAIT_MS) });
      if (wanted(text, status)) return;
      if (performance.now() > limit)
        throw new Error(`${at} still answers ${status} ${text}. The platform printed:\n${output}`);
      await delay(20);
    }
  };

  before(async () => {
    repository = await makeRepository();
    await repository.writeTool('words', manifest, {
      'backend/index.ts': backend('one'),
      'backend/shout.ts': `export const shout = (word: string): string => word + '!';`,
    });
    child = fork(PLATFORM, {
      cwd: repository.root,
      env: {
        PATH: process.env['PATH'],
        DATABASE_URL: await createDatabase(),
        PLATFORM_PORT: '0',
        GATEWAY_PORT: '0',
        PLATFORM_GATEWAY: 'facade',
      },
      silent: true,
    });
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const ended = once(child, 'exit').then(([code]) => {
      throw new Error(`the platform ended with exit code ${String(code)}:\n${output}`);
    });
    const [message] = (await Promise.race([once(child, 'message'), ended])) as [FromPlatform];
    ended.catch(() => undefined); // its end after the tests
    base = `http://127.0.0.1:${message.ready ? message.port : 0}`;
  });
  after(async () => {
    if (child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await Promise.race([ended, delay(WAIT_MS).then(() => child.kill('SIGKILL'))]);
    }
    await repository.remove();
  });

  it('reloads a saved module, a new migration, the manifest and a new tool', async () => {
    await until('/api/words/word', (body) => body === '"one!"');
    await repository.write(
      'tools/words/backend/shout.ts',
      `export const shout = (w: string): string => w + '?';`,
    );
    await until('/api/words/word', (body) => body === '"one?"');
    await repository.write(
      'tools/words/database/migrations/001-words.sql',
      'CREATE TABLE words (word text);',
    );
    await until('/api/words/rows', (body) => body === '[]');
    await repository.writeTool('words', { ...manifest, name: 'More words' }, {});
    await until('/api/tools/words', (body) => body.includes('"More words"'));
    await repository.writeTool(
      'fresh',
      {},
      { 'backend/index.ts': backend('new').replace(/import { shout.*/, 'const shout = String;') },
    );
    await until('/api/fresh/word', (body) => body === '"new"');
    await until('/api/tools/fresh', (_body, status) => status === 200);
  });

  it('shows an error with file and line, and recovers with the next save', async () => {
    await repository.write('tools/words/backend/index.ts', `${backend('two')}\nexport const x = ;`);
    await until('/api/words/word', (_body, status) => status === 503);
    expect(output).to.match(/tools\/words\/backend\/index\.ts:\d+: /);
    await repository.write('tools/words/backend/index.ts', backend('three'));
    await until('/api/words/word', (body) => body === '"three?"');
    expect(output).to.include('words is live again');
  });
});
