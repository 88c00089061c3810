import {
  CORE_SCHEMA,
  defineMappingTag,
  defineScalarTag,
  defineSequenceTag,
  loadAll,
  mapTag,
  mergeTag,
  seqTag,
} from 'js-yaml';

export interface ComposeService {
  readonly depends_on?: readonly string[] | Readonly<Record<string, unknown>>;
  readonly volumes?: readonly (string | { readonly source?: string })[];
  readonly networks?: readonly string[] | Readonly<Record<string, unknown>>;
  readonly secrets?: readonly (string | { readonly source: string })[];
  readonly ports?: readonly unknown[];
}

export type Named = Readonly<Record<string, unknown>>;

export interface ComposeFile {
  /** Name of the project. */
  readonly name?: unknown;
  readonly services?: Readonly<Record<string, ComposeService | null>>;
  readonly volumes?: Named;
  readonly networks?: Named;
  readonly secrets?: Named;
}

/** Compose's own tags, such as `!reset` and `!override`, leave a value as it is. */
const OWN_TAG = { matchByTagPrefix: true, identify: () => false };

const SCHEMA = CORE_SCHEMA.withTags(
  mergeTag,
  defineScalarTag('!', { ...OWN_TAG, resolve: (text) => text }),
  defineSequenceTag('!', { ...seqTag, ...OWN_TAG }),
  defineMappingTag('!', { ...mapTag, ...OWN_TAG }),
);

/**
 * Reads a compose file with its anchors and merge keys.
 * @throws YAMLException for invalid YAML and for a key that occurs twice
 */
export function readCompose(text: string): ComposeFile {
  return loadAll(text, { schema: SCHEMA })[0] ?? {};
}
