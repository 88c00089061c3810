/** Settings of `.npmrc` that decide whether `npm ci` accepts a lock file. */
const SETTINGS = /^(legacy-peer-deps|strict-peer-deps|install-links|install-strategy)$/;
const CREDENTIALS = /^\/\/(.+):(_authToken|_auth|_password|username|certfile|keyfile)$/;
const NAMES_VARIABLE = /^\$\{\w+\??\}$/;
/** User and password in an address. */
const HOLDS_PASSWORD = /\/\/[^/@]*@/;

interface Entry {
  readonly key: string;
  readonly value: string;
  /** 1-based. */
  readonly line: number;
}

/** A registry that asks for credentials. */
export interface PrivateRegistry {
  readonly registry: string;
  /** `null`: the registry of all packages without another. */
  readonly scope: string | null;
  /** Line of the credentials in `.npmrc`. */
  readonly line: number;
}

/**
 * The part of the repository's `.npmrc` that an exported app needs. Without credentials, except for those that only name
 * a variable of the environment (`${NPM_TOKEN}`): secrets never enter git.
 *
 * @param packages names of the packages that the app installs
 */
export function cutNpmrc(
  text: string,
  packages: readonly string[],
): { readonly text: string; readonly privateRegistries: readonly PrivateRegistry[] } {
  const entries = entriesOf(text);
  const scopes = new Set(packages.filter((name) => name.startsWith('@')).map((name) => name.split('/')[0]));
  const registries = entries.filter(
    ({ key }) => key === 'registry' || (key.endsWith(':registry') && scopes.has(scopeOf(key) ?? '')),
  );
  const credentials = entries.filter(({ key }) => {
    const host = CREDENTIALS.exec(key)?.[1];
    return host !== undefined && registries.some(({ value }) => isBelow(value, host));
  });
  const carried = [
    ...entries.filter(({ key }) => SETTINGS.test(key)),
    ...registries.filter(({ value }) => !HOLDS_PASSWORD.test(value)),
    ...credentials.filter(({ value }) => NAMES_VARIABLE.test(value)),
  ];
  return {
    text: carried.map(({ key, value }) => `${key}=${value}\n`).join(''),
    privateRegistries: registries.flatMap((registry) => {
      const own = credentials.find(({ key }) => isBelow(registry.value, CREDENTIALS.exec(key)?.[1] ?? ''));
      const holder = HOLDS_PASSWORD.test(registry.value) ? registry : own;
      const address = registry.value.replace(HOLDS_PASSWORD, '//');
      return holder === undefined
        ? []
        : [{ registry: address, scope: scopeOf(registry.key), line: holder.line }];
    }),
  };
}

/** `@scope:registry` -> `@scope`. */
const scopeOf = (key: string): string | null => /^(@[^:]+):registry$/.exec(key)?.[1] ?? null;

function entriesOf(text: string): readonly Entry[] {
  return text.split(/\r?\n/).flatMap((content, i) => {
    const [, key, value = 'true'] = /^\s*([^;#=\s][^=]*?)\s*(?:=\s*(.*?)\s*)?$/.exec(content) ?? [];
    return key === undefined ? [] : [{ key, value: value.replace(/^(["'])(.*)\1$/, '$2'), line: i + 1 }];
  });
}

/** Whether credentials for `host/path` are sent to a registry. */
function isBelow(registry: string, host: string): boolean {
  const withSlash = (place: string): string => (place.endsWith('/') ? place : `${place}/`);
  const address = registry.replace(HOLDS_PASSWORD, '//').replace(/^https?:\/\//, '');
  return host !== '' && withSlash(address).startsWith(withSlash(host));
}
