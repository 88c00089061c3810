import { expect } from 'chai';
import { inspectAll, TOOL } from './planted-tool.ts';

const file = `${TOOL}/backend/services/planted.ts`;

/** `code line` of the errors, and the remedies. */
async function findingsIn(
  text: string,
): Promise<{ readonly found: readonly string[]; readonly remedies: readonly string[] }> {
  const names = [...text.matchAll(/from '([\w-]+)/g)].map((match) => match[1] ?? '');
  const packages = Object.fromEntries(names.map((name) => [`node_modules/${name}`, { version: '1.0.0' }]));
  const findings = await inspectAll({ files: { [file]: text }, packages });
  return {
    found: findings.map(({ code, line }) => `${code} ${line ?? 0}`),
    remedies: [...new Set(findings.map(({ remedy }) => remedy))],
  };
}

describe('paths where a service cannot write', () => {
  it('finds the folders and files of packages, in every form', async () => {
    const { found, remedies } = await findingsIn(`import multer from 'multer';
import winston from 'winston';
import sqlite from 'better-sqlite3';
import sharp from 'sharp';
import { pino } from 'pino';
const FOLDER = 'uploads/';
export const a = multer({ dest: FOLDER });
export const b = multer.diskStorage({
  destination: (_req, _file, done) => done(null, 'incoming'),
});
export const c = winston.createLogger({ transports: [new winston.transports.File({ filename: 'app.log' })] });
export const d = new sqlite('data.db');
export const e = (image: Buffer) => sharp(image).toFile(\`thumbs/\${image.length}.png\`);
export const f = pino(pino.destination('logs/app.log'));
`);
    expect(found).to.deep.equal([7, 8, 11, 12, 13, 14].map((line) => `code-path-escape ${line}`));
    expect(remedies).to.have.length(1);
    expect(remedies[0]).to.match(/os\.tmpdir\(\).*volume/);
  });

  it("finds files that Node's own functions write, under any name and beside the code", async () => {
    const { found } = await findingsIn(`import fs, { createWriteStream as open } from 'node:fs';
const files = await import('node:fs/promises');
export const a = (): void => fs.mkdirSync('data');
export const b = open('data/log.txt');
export const c = files.writeFile(new URL('./cache.json', import.meta.url), '{}');
export const d = files.open(\`\${import.meta.dirname}/state\`, 'a+');
export const e = files.copyFile('/tmp/a', './b');
`);
    expect(found).to.deep.equal([
      'code-path-escape 3',
      'code-path-escape 4',
      'code-read-only 5',
      'code-read-only 6',
      'code-path-escape 7',
    ]);
  });

  it('finds views in the working directory', async () => {
    const { found } = await findingsIn(`import express from 'express';
import nunjucks from 'nunjucks';
export const app = express();
app.set('views', './views');
app.set('view cache', 'on');
nunjucks.configure('templates', { express: app });
`);
    expect(found).to.deep.equal(['code-path-escape 4', 'code-path-escape 6']);
  });

  it('finds a view engine without a folder of views', async () => {
    const { found, remedies } = await findingsIn(`import express from 'express';
import ejs from 'ejs';
export const app = express();
app.set('view engine', 'ejs');
app.set('etag', false);
export const x = ejs;
`);
    expect(found).to.deep.equal(['code-path-escape 4']);
    expect(remedies[0]).to.include(`app.set('views', path.join(import.meta.dirname, 'views'))`);
  });

  it('accepts temporary folders, databases in memory, configured folders and reads beside the code', async () => {
    const { found } = await findingsIn(`import { mkdtemp, readFile, open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import express from 'express';
import multer from 'multer';
import sqlite from 'better-sqlite3';
import winston from 'winston';
export const a = multer({ dest: tmpdir() });
export const b = multer({ storage: multer.memoryStorage() });
export const c = new sqlite(':memory:');
export const d = mkdtemp(path.join(tmpdir(), 'x-'));
export const e = readFile(new URL('./rates.json', import.meta.url));
export const f = open(new URL('./rates.json', import.meta.url), 'r');
export const g = (folder: string) => multer({ dest: folder });
export const h = new winston.transports.File({ dirname: '/tmp/logs', filename: 'app.log' });
const app = express();
app.set('views', path.join(import.meta.dirname, 'views'));
app.set('view engine', 'html');
app.engine('html', () => undefined);
`);
    expect(found).to.deep.equal([]);
  });
});
