/** `npm run check:language`: names each word of the list in a tracked file, with its place and what to write instead. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { findWords, UNCHECKED } from './language/words.ts';

const TEXT = ['*.ts', '*.md', '*.ejs', '*.html', '*.scss', '*.sql'];

const files = execFileSync('git', ['ls-files', '--', ...TEXT], { encoding: 'utf8' })
  .split('\n')
  .filter((file) => file !== '' && !UNCHECKED.test(file));
const problems = files.flatMap((file) =>
  findWords(readFileSync(file, 'utf8')).map(
    ({ line, word, instead }) => `${file}:${line}: "${word}"; write: ${instead}`,
  ),
);
for (const problem of problems) process.stdout.write(`${problem}\n`);
process.stdout.write(`${problems.length} words to replace in ${files.length} files\n`);
process.exitCode = problems.length === 0 ? 0 : 1;
