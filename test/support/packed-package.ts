import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { findWorkspace } from '../../templating/roots.ts';

/** The package as npm would publish it. */
export interface PackedPackage {
  /** Absolute paths of the tarball and of the folder that it was made of. */
  readonly tarball: string;
  readonly folder: string;
  /** Bytes of the tarball. */
  readonly size: number;
  /** Paths in the package, sorted. */
  readonly files: readonly string[];
  read(file: string): Promise<string>;
}

/** Builds the package from the working tree and packs it, both below `target`. */
export async function packPackage(target: string): Promise<PackedPackage> {
  const root = findWorkspace(process.cwd());
  const folder = path.join(target, 'dist');
  const packed = path.join(target, 'packed');
  await mkdir(packed, { recursive: true });
  await execa(process.execPath, [path.join(root, 'script/build.ts'), `--output=${folder}`], { cwd: root });
  const { stdout } = await execa('npm', ['pack', '--json', '--pack-destination', packed], { cwd: folder });
  const [report] = JSON.parse(stdout) as [{ filename: string; size: number; files: { path: string }[] }];
  return {
    tarball: path.join(packed, report.filename),
    folder,
    size: report.size,
    files: report.files.map((file) => file.path).sort(),
    read: (file) => readFile(path.join(folder, file), 'utf8'),
  };
}
