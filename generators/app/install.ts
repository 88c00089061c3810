import { EXIT } from '../../contracts/errors.ts';
import { GeneratorError } from '../generator-error.ts';
import type { Report } from '../report.ts';

const HEARTBEAT_MS = 15_000;

/**
 * Runs `npm install` with npm's own output, and reports while it takes time.
 * @param shown the workspace as the user should type it
 * @throws GeneratorError with exit code 5: the files are written
 */
export async function installPackages(root: string, shown: string, report: Report): Promise<void> {
  report.say('Installing packages: a minute or two the first time...');
  const started = Date.now();
  const heartbeat = setInterval(
    () => report.say(`  still installing, ${Math.round((Date.now() - started) / 1000)} s`),
    HEARTBEAT_MS,
  );
  // npm shows its own progress on a terminal
  if (process.stderr.isTTY) clearInterval(heartbeat);
  const { execa } = await import('execa'); // only here, because a dry run needs none
  try {
    // The development dependencies build and check the tools, in production, too
    await execa('npm', ['install', '--include=dev', '--no-audit', '--no-fund'], {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
  } catch (error) {
    const how = (error as { exitCode?: number }).exitCode === undefined ? 'could not be started' : 'failed';
    throw new GeneratorError(
      `npm install ${how}; the reason is above. The files of ${root} are written. Try again: ${inFolder(shown, 'npm install')}`,
      EXIT.rollbackIncomplete,
      error,
    );
  } finally {
    clearInterval(heartbeat);
  }
}

/** A command line that runs in a folder. */
export const inFolder = (folder: string, command: string): string =>
  folder === '' ? command : `cd ${quoted(folder)} && ${command}`;

/** A word of a POSIX shell. */
const quoted = (word: string): string =>
  /^[\w./@+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
