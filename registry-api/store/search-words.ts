import { distance } from 'fastest-levenshtein';
import type { Pool } from 'pg';
import { transaction, type Queryable } from './pool.ts';

const MAX_WORDS = 8;
const MAX_CORRECTIONS = 6;
const BATCH_SIZE = 500;

/** The words of a search text, split as by `to_tsvector('simple', …)`. At most 8. */
function wordsOf(q: string): readonly string[] {
  return (q.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []).slice(0, MAX_WORDS);
}

/**
 * A tsquery (as text) for a search text, or `null` when it contains no word. Each word matches as a prefix. A
 * word that is no prefix of a known word counts as a typo or an infix and is replaced by the nearest known words.
 * Every lexeme is quoted, so user input never reaches the tsquery parser.
 */
export async function searchQuery(db: Queryable, q: string): Promise<string | null> {
  const words = wordsOf(q);
  if (words.length === 0) return null;
  const parts = await Promise.all(words.map(async (word) => alternatives(word, await candidates(db, word))));
  return parts.join(' & ');
}

interface Candidate {
  readonly word: string;
  readonly similarity: number;
  readonly known: boolean;
}

async function candidates(db: Queryable, word: string): Promise<readonly Candidate[]> {
  if (/^\d+$/.test(word)) return []; // numbers are not corrected
  const { rows } = await db.query<Candidate>(
    // Each kind of similarity has its own index. Short words have too few trigrams, so their first letter and
    // length are compared instead; transposed letters are looked up one by one, because they may come first.
    `WITH known AS MATERIALIZED (SELECT word FROM tool_words WHERE word LIKE $2 LIMIT 1),
     near AS (
       SELECT word FROM tool_words WHERE word % $1
       UNION SELECT word FROM tool_words WHERE word LIKE '%' || $2
       UNION SELECT word FROM tool_words WHERE word = ANY ($4::text[])
       UNION SELECT word FROM tool_words
              WHERE length($1) <= 5 AND word LIKE $3 AND length(word) BETWEEN length($1) - 1 AND length($1) + 1)
     SELECT word, 1::real AS similarity, true AS known FROM known
     UNION ALL
     (SELECT word, similarity(word, $1) AS similarity, false AS known FROM near
       WHERE NOT EXISTS (SELECT FROM known) ORDER BY 2 DESC, word LIMIT 50)`,
    [
      word,
      `${escapeLike(word)}%`,
      `${escapeLike(String.fromCodePoint(word.codePointAt(0) ?? 0))}%`,
      transpositions(word),
    ],
  );
  return rows;
}

function alternatives(word: string, found: readonly Candidate[]): string {
  const itself = `${quoteLexeme(word)}:*`;
  if (found.some((candidate) => candidate.known)) return itself;
  const transposed = new Set(transpositions(word));
  const near = found
    .map((candidate) => ({
      ...candidate,
      // the usual typo counts as one edit, as in Damerau's distance
      edits: transposed.has(candidate.word) ? 1 : distance(word, candidate.word),
    }))
    .filter(({ word: other, similarity, edits }) => isNear(word, other, similarity, edits))
    .sort((a, b) => a.edits - b.edits || b.similarity - a.similarity)
    .slice(0, MAX_CORRECTIONS)
    .map((candidate) => quoteLexeme(candidate.word));
  return near.length === 0 ? itself : `(${near.join(' | ')})`;
}

function isNear(word: string, other: string, similarity: number, edits: number): boolean {
  if (other.includes(word) || similarity >= 0.45) return true;
  if (word.length <= 3) return edits <= 1;
  if (word.length <= 5) return edits <= 1 || (edits === 2 && sameLetters(word, other));
  return edits <= 2;
}

const LONGEST_TRANSPOSED = 40;

/** The word with two neighbouring letters exchanged, in every way: `bar` gives `abr` and `bra`. */
function transpositions(word: string): readonly string[] {
  const letters = Array.from(word);
  if (letters.length > LONGEST_TRANSPOSED) return [];
  return letters.slice(1).flatMap((letter, i) => {
    const before = letters[i] ?? '';
    return letter === before
      ? []
      : [[...letters.slice(0, i), letter, before, ...letters.slice(i + 2)].join('')];
  });
}

const sameLetters = (a: string, b: string): boolean =>
  Array.from(a).sort().join('') === Array.from(b).sort().join('');

const quoteLexeme = (word: string): string => `'${word.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;

/** Escapes text for a LIKE pattern. */
export const escapeLike = (word: string): string => word.replaceAll(/[\\%_]/g, '\\$&');

/** Deletes words that no tool contains any more, up to 500 at a time; returns how many it checked. */
export async function deleteOrphanedWords(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ word: string }>(
    `SELECT DISTINCT word FROM tool_registry_lost_words LIMIT ${BATCH_SIZE}`,
  );
  if (rows.length === 0) return 0;
  await transaction(pool, async (client) => {
    await client.query(`SET LOCAL lock_timeout = '500ms'`);
    // A transaction that adds words holds a weaker lock on their table until it commits. With this lock, every
    // tool that could contain a word is visible.
    await client.query('LOCK TABLE tool_words IN SHARE ROW EXCLUSIVE MODE');
    await client.query(
      `WITH looked_at AS (
         DELETE FROM tool_registry_lost_words WHERE word = ANY ($1::text[]) RETURNING word)
       DELETE FROM tool_words w USING (SELECT DISTINCT word FROM looked_at) l
        WHERE w.word = l.word AND NOT EXISTS (SELECT FROM tool_registry WHERE search @@
              ('''' || replace(replace(w.word, '\\', '\\\\'), '''', '''''') || '''')::tsquery)`,
      [rows.map((row) => row.word)],
    );
  });
  return rows.length;
}
