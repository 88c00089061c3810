interface Word {
  /** Regular expression of whole words; a blank stands for any gap, also between two lines of a comment. */
  readonly pattern: string;
  readonly instead: string;
}

/** Words that point instead of naming. No public name holds one: `--bring-back`, the flag, is two other words. */
const WORDS: readonly Word[] = [
  { pattern: 'somebody|whoever', instead: 'the person, process or role that is meant' },
  // In quotes, in an address or as a key it is a name: of a system user, of a caller without a token
  { pattern: '(?<![\'"`/=])nobody(?![\'"`:/-])', instead: 'the person, process or role that is meant' },
  {
    pattern: '(?:tak(?:e|es|en|ing)|took)(?: (?:it|them|all|everything|that|this))? back',
    instead: 'roll back, undo',
  },
  {
    pattern: '(?:com(?:e|es|ing)|came|br(?:ing|ings|inging|ought)) home|homeward',
    instead: 'sync back, reverse sync',
  },
  { pattern: 'at home', instead: 'in the monolith' },
  { pattern: 'br(?:ing|ings|ought)(?: \\w+)? to an end', instead: 'roll back, complete' },
  { pattern: 'debris|leftovers?', instead: 'orphans, orphaned resources' },
  { pattern: 'as if nothing had (?:been|happened)', instead: 'rolls back completely, is unchanged' },
  { pattern: 'untold', instead: 'unreadable, not reported' },
];

/** History, released migrations, generated text, and this list with its test. */
export const UNCHECKED = /^CHANGELOG\.md$|^migrations\/|\.generated\.ts$|^(?:test\/)?script\/language\//;

/** Every listed word of a text, in order; `line` counts from 1. */
export function findWords(
  text: string,
): readonly { readonly line: number; readonly word: string; readonly instead: string }[] {
  return WORDS.flatMap(({ pattern, instead }) => {
    const words = new RegExp(`\\b(?:${pattern.replaceAll(' ', '[\\s*/#>-]+')})\\b`, 'gi');
    return [...text.matchAll(words)].map(({ index, 0: found }) => ({
      line: text.slice(0, index).split('\n').length,
      word: found.replace(/[\s*/#>-]+/g, ' '),
      instead,
    }));
  }).sort((a, b) => a.line - b.line);
}
