import { expect } from 'chai';
import { guardByLock, type LockConnection } from '../../../exporter/core/lock-guard.ts';

/** A lock connection that can be cut. */
function session(): { readonly client: LockConnection['client']; cut: boolean } {
  const self = {
    cut: false,
    client: {
      query: () =>
        self.cut ? Promise.reject(new Error('the connection is gone')) : Promise.resolve({ rows: [] }),
    } as unknown as LockConnection['client'],
  };
  return self;
}

/** Records its writes. */
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

describe('a port guarded by the lock', () => {
  it('allows writes while the lock is held', async () => {
    const store = new Store();
    const port = guardByLock(session(), store, ['write']);
    expect(await port.write('a')).to.equal(1);
    expect(store.texts).to.deep.equal(['a']);
  });

  it('refuses writes after the lock is lost, and still allows reads', async () => {
    const store = new Store();
    const connection = session();
    const port = guardByLock(connection, store, ['write']);
    await port.write('a');
    connection.cut = true;
    let error: unknown = null;
    await port.write('b').catch((thrown: unknown) => (error = thrown));
    expect(String(error)).to.contain('the connection is gone');
    expect(await port.read()).to.deep.equal(['a']);
    expect(port.name).to.equal('store');
  });
});
