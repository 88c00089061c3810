import {
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { rotateLogs } from '../../../../monolith/server/platform/rotate-logs.ts';

describe('log files', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'logs-'));
  after(() => rmSync(folder, { recursive: true }));
  const read = (name: string): string => readFileSync(path.join(folder, name), 'utf8');

  it('rotates a log file above its largest size while a writer has it open, and keeps five older ones', async () => {
    const writer = openSync(path.join(folder, 'crm-api.log'), 'a');
    writeFileSync(path.join(folder, 'notes.txt'), 'x'.repeat(100));
    for (let i = 1; i <= 8; i += 1) {
      writeSync(writer, `${i}`.repeat(20));
      await rotateLogs(folder, 10);
    }
    writeSync(writer, 'new');
    await rotateLogs(folder, 10);
    closeSync(writer);
    expect(read('crm-api.log')).to.equal('new');
    expect([1, 2, 3, 4, 5].map((age) => read(`crm-api.log.${age}`)[0])).to.deep.equal([
      '8',
      '7',
      '6',
      '5',
      '4',
    ]);
    expect(readdirSync(folder)).to.have.length(7);
    expect(read('notes.txt')).to.have.length(100);
  });

  it('rotates nothing where the folder of logs does not exist', async () => {
    await rotateLogs(path.join(folder, 'nowhere'));
  });
});
