import type { DefaultAcl, Extension } from '../catalog/catalog.ts';
import type { LocaleProvider } from '../catalog/database.ts';

/** Facts about the target and its server. */
export interface TargetFacts {
  readonly version: number;
  readonly database: string;
  /** The database does not exist yet. It is created from template0. */
  readonly missing: boolean;
  readonly encoding: string | null;
  readonly collate: string | null;
  readonly ctype?: string | null;
  readonly provider?: LocaleProvider | null;
  readonly locale?: string | null;
  readonly rules?: string | null;
  /** `default_text_search_config` of a plain connection; `null` while the server is not known. */
  readonly textSearchConfig?: string | null;
  /** Default privileges, which new objects get. */
  readonly defaultAcls?: readonly DefaultAcl[];
  /** Quoted names of enabled event triggers, which run at every statement that creates an object. */
  readonly eventTriggers?: readonly string[];
  readonly user: string;
  readonly superuser: boolean;
  readonly canCreateDatabase: boolean;
  readonly canCreateInDatabase: boolean;
  /** Quoted names of existing roles. */
  readonly roles: readonly string[];
  /** Roles that the user can make owners of objects. */
  readonly assignable: readonly string[];
  /** Available versions by unquoted name. */
  readonly extensions: Readonly<Record<string, readonly string[]>>;
  /** Unquoted names of extensions that only a superuser can create. */
  readonly superuserExtensions?: readonly string[];
  readonly installed: Readonly<Record<string, { readonly version: string; readonly schema: string }>>;
  /** Quoted. */
  readonly schemas: readonly string[];
  /** `relation public.a`, `function public.f(integer)`, `type public.t` …: existing objects that can conflict. */
  readonly existing: readonly string[];
  /** Grants on existing schemas, as `grantee PRIVILEGE`; `mine`: the user can grant more. */
  readonly schemaGrants?: Readonly<
    Record<string, { readonly mine: boolean; readonly grants: readonly string[] }>
  >;
  readonly tablespaces: readonly string[];
  readonly accessMethods: readonly string[];
  readonly languages: readonly string[];
}

/** Whether the target's server offers the source's version of an extension, which is created then. */
export const offersVersion = (
  { extensions }: TargetFacts,
  { rawName, version }: Pick<Extension, 'rawName' | 'version'>,
): boolean => extensions[rawName]?.includes(version) === true;

/** Why rows and privileges of an extension's members cannot be set as in the source; `null` when they can. */
export function obstacleToMembers(target: TargetFacts, extension: Extension): string | null {
  if (target.installed[extension.rawName] !== undefined)
    return `the target has extension ${extension.name} already`;
  if (!target.superuser) return `${target.user} is not a superuser`;
  return offersVersion(target, extension)
    ? null
    : `the target gets another version of extension ${extension.name}`;
}

/** Owner and user of the extracted objects. */
export interface Ownership {
  /** Quoted role that owns everything; `null` keeps the owners of the source. */
  readonly owner: string | null;
  /** Quoted role that reads and writes rows; it replaces the grants of the source. */
  readonly runtime: string | null;
}
