import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect } from 'chai';

/** Tries two ways to connect in a process that refuses outside connections of its database's neighbours. */
async function connect(host: string, databaseUrl: string): Promise<unknown> {
  const program = `
    import net from 'node:net';
    import { refuseOutsideConnections } from './monolith/server/host/contract/offline.ts';
    import { loginOf } from './monolith/server/host/database/database-address.ts';
    refuseOutsideConnections(loginOf(${JSON.stringify(databaseUrl)}).host);
    const codeOf = (socket) => new Promise((resolve) => {
      socket.setTimeout(2000, () => { resolve('tried'); socket.destroy(); });
      socket.once('error', (error) => resolve(error.message.startsWith('connect ECONNREFUSED ${host}') && !error.syscall ? 'refused' : 'tried'));
      socket.once('connect', () => resolve('tried'));
    });
    const host = ${JSON.stringify(host)};
    console.log(JSON.stringify([
      await codeOf(new net.Socket().connect(9, host)),
      await codeOf(net.connect({ port: 9, host })),
    ]));
    process.exit();`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program]);
  return JSON.parse(stdout);
}

describe('connections while a contract is recorded', () => {
  it('a recording can connect to this machine and the database, and to nothing else', async () => {
    const databaseUrl = 'postgresql://tool@127.0.0.2/notes';
    expect(await connect('198.51.100.1', databaseUrl)).to.deep.equal(['refused', 'refused']);
    expect(await connect('127.0.0.1', databaseUrl)).to.deep.equal(['tried', 'tried']);
    expect(await connect('127.0.0.2', databaseUrl)).to.deep.equal(['tried', 'tried']);
    expect(await connect('127.0.0.3', 'postgresql://tool@/notes?host=127.0.0.3')).to.deep.equal([
      'tried',
      'tried',
    ]);
  });
});
