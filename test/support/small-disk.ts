import { execFile } from 'node:child_process';
import { chown, mkdir, mkdtemp, rm, stat, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type pg from 'pg';

const exec = promisify(execFile);

/** A file system of its own for one database, with little room left. */
export interface SmallDisk {
  /** When the database is gone. */
  remove(): Promise<void>;
}

/**
 * Moves a database without connections into a tablespace on a disk with `room` bytes left. Needs root, who may
 * mount. `data`: the server's data folder, whose owner it runs as.
 */
export async function moveToSmallDisk(
  db: pg.Client,
  database: string,
  { data, room }: { readonly data: string; readonly room: number },
): Promise<SmallDisk> {
  const folder = await mkdtemp(path.join(tmpdir(), 'small-disk-'));
  await exec('mount', ['-t', 'tmpfs', '-o', 'size=256m,mode=755', 'tmpfs', folder]);
  const place = path.join(folder, 'tablespace');
  await mkdir(place, { mode: 0o700 });
  const { uid, gid } = await stat(data);
  await chown(place, uid, gid);
  await db.query(`CREATE TABLESPACE small LOCATION '${place}'`);
  await db.query(`ALTER DATABASE ${database} SET TABLESPACE small`);
  const { blocks, bfree, bsize } = await statfs(folder);
  await exec('mount', ['-o', `remount,size=${(blocks - bfree) * bsize + room}`, folder]);
  return {
    async remove() {
      await db.query('DROP TABLESPACE small');
      await exec('umount', [folder]);
      await rm(folder, { recursive: true });
    },
  };
}
