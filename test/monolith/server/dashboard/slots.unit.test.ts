import { expect } from 'chai';
import { PlatformError } from '../../../../contracts/errors.ts';
import { createSlots } from '../../../../monolith/server/dashboard/slots.ts';

describe('slots of costly tasks', () => {
  const open = new AbortController().signal;
  /** Tasks that end when they are told to. */
  function tasks(running: number, waiting: number) {
    const slots = createSlots({ running, waiting, what: 'plans' });
    const started: string[] = [];
    const end = new Map<string, () => void>();
    const run = (name: string, signal = open): Promise<string> =>
      slots(
        () =>
          new Promise<string>((resolve) => {
            started.push(name);
            end.set(name, () => resolve(name));
          }),
        signal,
      );
    return { run, started, end: (name: string) => end.get(name)?.() };
  }
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  it('runs as many tasks as there are slots, and the others in the order of their arrival', async () => {
    const { run, started, end } = tasks(2, 2);
    const all = ['a', 'b', 'c', 'd'].map((name) => run(name));
    await turn();
    expect(started).to.deep.equal(['a', 'b']);
    end('b');
    await turn();
    expect(started).to.deep.equal(['a', 'b', 'c']);
    end('a');
    await turn();
    ['c', 'd'].forEach(end);
    expect(await Promise.all(all)).to.deep.equal(['a', 'b', 'c', 'd']);
  });

  it('refuses a task when too many wait', async () => {
    const { run, end } = tasks(1, 1);
    const first = run('a');
    const second = run('b');
    const third = await run('c').catch((error: unknown) => error);
    expect(third).to.be.instanceOf(PlatformError).with.property('code', 'rate-limited');
    end('a');
    await first;
    await turn();
    end('b');
    expect(await second).to.equal('b');
  });

  it('gives up the place of a task whose caller is gone, and frees the slot of one that fails', async () => {
    const { run, started, end } = tasks(1, 3);
    const first = run('a');
    const gone = new AbortController();
    const second = run('b', gone.signal).catch(() => 'gone');
    const third = run('c');
    gone.abort();
    expect(await second).to.equal('gone');
    end('a');
    await first;
    await turn();
    expect(started).to.deep.equal(['a', 'c']);
    end('c');
    await third;
    const slots = createSlots({ running: 1, waiting: 0, what: 'plans' });
    await slots(() => Promise.reject(new Error('no')), open).catch(() => undefined);
    expect(await slots(() => Promise.resolve('free'), open)).to.equal('free');
  });
});
