import { expect } from 'chai';
import { fenced } from '../../../exporter/core/lock-guard.ts';
import type { Session } from '../../../exporter/engine/session.ts';

/** A session whose connection can be cut. */
function session(): { readonly client: Session['client']; cut: boolean } {
  const self = {
    cut: false,
    client: {
      query: () =>
        self.cut ? Promise.reject(new Error('the connection is gone')) : Promise.resolve({ rows: [] }),
    } as unknown as Session['client'],
  };
  return self;
}

/** Remembers what was written. */
class Store {
  readonly texts: string[] = [];
  readonly name = 'store';
  write(text: string): Promise<number> {
    return Promise.resolve(this.texts.push(text));
  }
  read(): Promise<readonly string[]> {
    return Promise.resolve(this.texts);
  }
}

describe('a port behind the fence of the lock', () => {
  it('writes while the lock is held', async () => {
    const store = new Store();
    const port = fenced(session(), store, ['write']);
    expect(await port.write('a')).to.equal(1);
    expect(store.texts).to.deep.equal(['a']);
  });

  it('refuses the very next write of an owner whose lock has gone, and still reads', async () => {
    const store = new Store();
    const connection = session();
    const port = fenced(connection, store, ['write']);
    await port.write('a');
    connection.cut = true;
    let error: unknown = null;
    await port.write('b').catch((thrown: unknown) => (error = thrown));
    expect(String(error)).to.contain('the connection is gone');
    expect(await port.read()).to.deep.equal(['a']);
    expect(port.name).to.equal('store');
  });
});
