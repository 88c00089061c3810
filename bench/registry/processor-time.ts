import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

/** Linux counts in hundredths of a second, whatever the machine's clock does (proc(5), USER_HZ). */
const MS_PER_TICK = 10;

/**
 * Milliseconds of processor time that the server and PostgreSQL have used so far. Unlike waiting times, it says the
 * same on a busy machine as on a quiet one. `null` where there is no /proc.
 */
export async function processorTime(serverPid: number, stateDir: string): Promise<number | null> {
  try {
    const pidFile = path.join(stateDir, 'postgres', 'postmaster.pid');
    const postmaster = Number((await readFile(pidFile, 'utf8')).split('\n')[0]);
    let ticks = 0;
    for (const name of await readdir('/proc')) {
      if (!/^\d+$/.test(name)) continue;
      const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '');
      // after the name, which may hold anything: state, parent, ... 11 utime, 12 stime, 13 cutime, 14 cstime
      const fields = stat
        .slice(stat.lastIndexOf(')') + 2)
        .split(' ')
        .map(Number);
      const pid = Number(name);
      if (pid === serverPid || pid === postmaster || fields[1] === postmaster)
        ticks += (fields[11] ?? 0) + (fields[12] ?? 0);
      if (pid === postmaster) ticks += (fields[13] ?? 0) + (fields[14] ?? 0); // backends that have ended
    }
    return ticks * MS_PER_TICK;
  } catch {
    return null;
  }
}
