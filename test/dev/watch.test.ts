import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { expect } from 'chai';
import type { FromPlatform } from '../../dev/messages.ts';
import { createDatabase } from '../support/postgres.ts';
import { call, makeRepository, type TestRepository } from '../monolith/server/repository.ts';

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
  /** Asks until the answer is as it should be; the test's time limit ends it otherwise. */
  const until = async (at: string, wanted: (body: string, status: number) => boolean): Promise<void> => {
    for (;;) {
      const { text, status } = await call(`${base}${at}`);
      if (wanted(text, status)) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
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
    child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const [message] = (await once(child, 'message')) as [FromPlatform];
    base = `http://127.0.0.1:${message.ready ? message.port : 0}`;
  });
  after(async () => {
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
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
