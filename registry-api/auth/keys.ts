import { mkdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { exportJWK, generateKeyPair, importJWK, type CryptoKey, type JWK, type JSONWebKeySet } from 'jose';
import writeFileAtomic from 'write-file-atomic';
import { withLockFile } from '../store/lock-file.ts';

const ALGORITHM = 'ES256';
/** The longest lifetime of a token: a key retired longer ago than this has no valid token left. */
export const LONGEST_TTL_SECONDS = 30 * 24 * 3_600;

interface StoredKey {
  readonly kid: string;
  readonly privateJwk: JWK;
  readonly publicJwk: JWK;
  /** ISO 8601; `null` for the current and the next key. */
  readonly retiredAt: string | null;
}

/**
 * `next` is published long before it signs, so that every cached copy of the key set holds it by then. `retired`
 * keys no longer sign; they stay published until their last token has expired.
 */
interface KeyFile {
  readonly current: StoredKey;
  readonly next: StoredKey;
  readonly retired: readonly StoredKey[];
}

export interface SigningKey {
  readonly kid: string;
  readonly algorithm: string;
  readonly key: CryptoKey;
}

/** The signing keys of the platform: a file in the state folder that only its owner can read. */
export interface KeyStore {
  /** The current signing key. */
  readonly signingKey: () => Promise<SigningKey>;
  /** Public keys of all keys that a valid token may name (RFC 7517). */
  readonly jwks: () => Promise<JSONWebKeySet>;
  /** Makes the next key the current one. Issued tokens stay valid; running servers reload the file by themselves. */
  readonly rotate: () => Promise<{ readonly kid: string }>;
}

/** Opens the keys of a state folder and creates them on first use. Safe for several processes at once. */
export function openKeys(stateDir: string): KeyStore {
  const folder = path.join(stateDir, 'secrets');
  const file = path.join(folder, 'token-keys.json');
  let known: { readonly version: string; readonly keys: KeyFile } | null = null;

  const read = async (): Promise<KeyFile> => {
    const version = await versionOf(file);
    if (version === null) return change((keys) => keys ?? firstKeys());
    if (known?.version !== version) known = { version, keys: await readKeyFile(file) };
    return known.keys;
  };

  const change = async (work: (keys: KeyFile | null) => KeyFile | Promise<KeyFile>): Promise<KeyFile> => {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return withLockFile(`${file}.lock`, async () => {
      const before = (await versionOf(file)) === null ? null : await readKeyFile(file);
      const after = await work(before);
      if (after !== before)
        await writeFileAtomic(file, `${JSON.stringify(after, null, 2)}\n`, { mode: 0o600 });
      known = null;
      return after;
    });
  };

  return {
    async signingKey() {
      const { current } = await read();
      const key = (await importJWK(current.privateJwk, ALGORITHM)) as CryptoKey;
      return { kid: current.kid, algorithm: ALGORITHM, key };
    },
    async jwks() {
      const { current, next, retired } = await read();
      return { keys: [current, next, ...retired].map((key) => key.publicJwk) };
    },
    async rotate() {
      const { current } = await change(async (keys) => rotated(keys ?? (await firstKeys())));
      return { kid: current.kid };
    },
  };
}

async function firstKeys(): Promise<KeyFile> {
  return { current: await newKey(), next: await newKey(), retired: [] };
}

async function rotated(keys: KeyFile): Promise<KeyFile> {
  const now = new Date();
  const oldest = now.getTime() - LONGEST_TTL_SECONDS * 1_000;
  const stillNeeded = keys.retired.filter((key) => Date.parse(key.retiredAt ?? '') > oldest);
  return {
    current: keys.next,
    next: await newKey(),
    retired: [{ ...keys.current, retiredAt: now.toISOString() }, ...stillNeeded],
  };
}

async function newKey(): Promise<StoredKey> {
  const { privateKey, publicKey } = await generateKeyPair(ALGORITHM, { extractable: true });
  const kid = crypto.randomUUID();
  const publicJwk = { ...(await exportJWK(publicKey)), kid, alg: ALGORITHM, use: 'sig' };
  return { kid, privateJwk: await exportJWK(privateKey), publicJwk, retiredAt: null };
}

async function versionOf(file: string): Promise<string | null> {
  return stat(file, { bigint: true }).then(
    (found) => `${found.ino} ${found.mtimeNs}`,
    () => null,
  );
}

async function readKeyFile(file: string): Promise<KeyFile> {
  return JSON.parse(await readFile(file, 'utf8')) as KeyFile;
}
