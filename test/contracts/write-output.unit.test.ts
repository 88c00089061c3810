import { Writable } from 'node:stream';
import { expect } from 'chai';
import { writeOutput } from '../../contracts/write-output.ts';

describe('output of a command', () => {
  it('completes only when the reader has taken everything that was written before it', async () => {
    const taken: string[] = [];
    const slow = new Writable({
      highWaterMark: 1,
      write(chunk: Buffer, _encoding, done) {
        setImmediate(() => {
          taken.push(chunk.toString());
          done();
        });
      },
    });
    slow.write('first');
    await writeOutput('second', slow);
    expect(taken).to.deep.equal(['first', 'second']);
  });

  it('does not fail when the reader has gone away', async () => {
    const closed = new Writable({ write: (_chunk, _encoding, done) => done(new Error('EPIPE')) });
    closed.on('error', () => undefined);
    await writeOutput('lost', closed);
  });
});
