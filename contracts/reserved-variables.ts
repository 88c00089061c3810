/** The platform's address, which a tool reads to call other tools: its value is the same for the host and the tool. */
export const SHARED_VARIABLE = 'PLATFORM_SERVICE_URL';

/** Variables, or beginnings of their names, by whom they belong to. */
const RESERVED: readonly (readonly [owner: string, names: RegExp])[] = [
  [
    "a tool's host",
    /^(HOST|PORT|LOG_LEVEL|AUTH_.*|DRAIN_DELAY_MS|WAIT_FOR_SWITCH|TOOL_VARIABLES|DATABASE_(URL|PASSWORD|POOL_SIZE)|MIGRATOR_(PASSWORD|DATABASE_.*)|TEST_DATABASE_URL)$/,
  ],
  ['the platform', /^(PLATFORM_.*|GATEWAY_.*|OIDC_.*|COMPOSE_.*|WEB_PORT|(SERVICE|DATABASE)_PORT_FROM)$/],
  ['Node.js', /^(NODE_.*|UV_.*|OPENSSL_.*|SSL_CERT_.*)$/],
  ['the system', /^(PATH|HOME|TMPDIR|LD_.*|DYLD_.*)$/],
  ["PostgreSQL's client, which the host connects with", /^PG[A-Z]+$/],
];

/**
 * Whom a variable belongs to that no tool may declare; `null` for any other. A tool and its host share an environment once
 * the tool is exported, and a tool in the monolith would read the platform's own value. `NAME_FILE` is read in place of `NAME`.
 */
export function ownerOfVariable(name: string): string | null {
  if (name === SHARED_VARIABLE) return null;
  const plain = name.replace(/_FILE$/, '');
  return RESERVED.find(([, names]) => names.test(name) || names.test(plain))?.[0] ?? null;
}

/** A name that the tool can declare instead, such as `CRM_PORT`. */
export const ownVariable = (toolId: string, name: string): string =>
  `${toolId.toUpperCase().replaceAll('-', '_')}_${name}`;
