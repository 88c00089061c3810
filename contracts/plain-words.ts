/** Sentences that name a flag of the command line, and the words for the same choice on a page. */
const CHOICES: readonly (readonly [pattern: RegExp, words: string])[] = [
  [
    /; --allow-dirty checks only files that the export of \S+ reads or writes/g,
    ', or choose to ignore uncommitted files that the export does not use',
  ],
  [/Choose another with --port=N, or omit the flag to use a free port/g, 'End the program that uses it'],
  [/, or the port given with --port=N/g, ''],
  [/, or leave out fields that differ by nature: --shadow-ignore=\S+/g, ''],
  [/Export with --keep-edits to merge the edits, or move the folder away/g, 'Move the folder away'],
  [/Export into containers: --runtime=docker/g, 'Choose to run on Docker'],
  [/Export with --cutover=fenced, or with --runtime=local/g, 'Choose to run without Docker'],
  [
    /, or (?:use|export with|export without (?:it|containers):) --runtime=local/g,
    ', or choose to run without Docker',
  ],
  [/Resume it with: npx gulp export [^—\n]*— or roll it back with: npx gulp rollback \S+/g, 'Roll it back.'],
  [/: npx gulp rollback --tool-id=[a-z0-9-]+(?=\. Otherwise)/g, ', roll that export back'],
  [/(has left it): npx gulp doctor --fix/g, '$1, remove it in a terminal (gulp doctor)'],
];

/** A command of the platform with the rest of its sentence, and the words that lead to it. */
const COMMAND =
  /(?:,? (?:or|and|then)(?: (?:see|list|run)(?: it| them)?)?)?(?: with)?:? *\b(?:npx (?:gulp|create-tool)|npm start|npm run token)\b.*$/;
const HAS_COMMAND = /\b(?:npx (?:gulp|create-tool)|npm start|npm run token)\b/;

/** What is left of a sentence that is about a command and nothing else. */
const ABOUT_A_COMMAND =
  /^(?:see|see it|see them|see the tools|list them|make one|run|run it|run the command\b.*)$/i;

/**
 * A message of the exporter or of the API for the reader of a page, who can type neither commands nor flags: names the
 * choice of the page instead of a flag, and leaves commands of the platform out. All other text is unchanged, the output
 * of compilers included.
 */
export function plainWords(text: string): string {
  let plain = text;
  for (const [pattern, words] of CHOICES) plain = plain.replace(pattern, words);
  if (!HAS_COMMAND.test(plain)) return plain;
  return plain.split('\n').map(withoutCommands).join('\n').trim();
}

function withoutCommands(line: string): string {
  if (!HAS_COMMAND.test(line)) return line;
  const sentences = line.split(/(?<=[.;!]) +/).map((sentence) => {
    if (!HAS_COMMAND.test(sentence)) return sentence;
    const kept = sentence.replace(COMMAND, '').trim();
    return kept === '' || ABOUT_A_COMMAND.test(kept) ? '' : `${kept}.`;
  });
  return sentences.filter((sentence) => sentence !== '').join(' ');
}
