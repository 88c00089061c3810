import { build } from 'esbuild';
import { packageName } from '../../../../inspection/index.ts';

/** Packages that the bundle of an exported web app imports, from esbuild's metafile, sorted. Needs no installation. */
export async function externalsOf(folder: string, more: readonly string[] = []): Promise<readonly string[]> {
  const { metafile } = await build({
    absWorkingDir: folder,
    entryPoints: ['src/main.ts', 'src/environments/environment.prod.ts', ...more],
    bundle: true,
    write: false,
    metafile: true,
    format: 'esm',
    outdir: 'out',
    packages: 'external',
    logLevel: 'silent',
  });
  const externals = Object.values(metafile.inputs)
    .flatMap(({ imports }) => imports)
    .filter(({ external, path }) => external === true && !path.startsWith('<')) // esbuild's own helpers
    .map((one) => packageName(one.path));
  return [...new Set(externals)].sort();
}
