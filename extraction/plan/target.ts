/** What the planner must know of the server that receives the tables. */
export interface TargetFacts {
  readonly version: number;
  readonly database: string;
  /** The database is not there yet: it will be made from template0. */
  readonly missing: boolean;
  readonly encoding: string | null;
  readonly collate: string | null;
  readonly user: string;
  readonly superuser: boolean;
  readonly canCreateDatabase: boolean;
  readonly canCreateInDatabase: boolean;
  /** Quoted names of roles that exist. */
  readonly roles: readonly string[];
  /** Those that the user may give objects to. */
  readonly assignable: readonly string[];
  /** Raw name -> versions that can be installed. */
  readonly extensions: Readonly<Record<string, readonly string[]>>;
  /** Raw names of extensions that only a superuser may create. */
  readonly superuserExtensions?: readonly string[];
  readonly installed: Readonly<Record<string, { readonly version: string; readonly schema: string }>>;
  /** Quoted. */
  readonly schemas: readonly string[];
  /** `relation public.a`, `function public.f(integer)`, `type public.t` …: whatever would be in the way. */
  readonly existing: readonly string[];
  /** Rights on schemas that are there, as `grantee PRIVILEGE`; `mine`: the user may grant more. */
  readonly schemaGrants?: Readonly<
    Record<string, { readonly mine: boolean; readonly grants: readonly string[] }>
  >;
  readonly tablespaces: readonly string[];
  readonly accessMethods: readonly string[];
  readonly languages: readonly string[];
}

/** Who owns and may use what arrives. */
export interface Ownership {
  /** Quoted role that owns everything; `null` keeps the owners of the source. */
  readonly owner: string | null;
  /** Quoted role that reads and writes rows; then the source's own grants stay behind. */
  readonly runtime: string | null;
}
