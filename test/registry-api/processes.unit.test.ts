import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect } from 'chai';
import { commandOf, listProcesses, parentOf } from '../../registry-api/processes.ts';

describe('the processes of this machine', () => {
  it('lists running processes with command and parent, and no ended ones', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)', 'a  word']);
    await once(child, 'spawn');
    const pid = child.pid ?? 0;
    const listed = (await listProcesses()).find((one) => one.pid === pid);
    expect(listed?.command).to.contain(process.execPath).and.contain('a  word');
    expect(await commandOf(pid)).to.equal(listed?.command);
    expect(await parentOf(pid)).to.equal(process.pid);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect((await listProcesses()).map((one) => one.pid))
      .to.include(process.pid)
      .and.not.include(pid);
    expect([await commandOf(pid), await parentOf(pid)]).to.deep.equal([null, NaN]);
  });
});
