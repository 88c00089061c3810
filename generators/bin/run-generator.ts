import { createEnv } from 'yeoman-environment';
import { asGeneratorError } from '../generator-error.ts';

/** Runs a generator of this package without `yo`. An error is printed, and sets the exit code. */
export async function runGenerator(input: {
  readonly namespace: string;
  readonly generator: unknown;
  /** File of the generator's class. */
  readonly resolved: string;
  readonly argv: readonly string[];
}): Promise<void> {
  const { namespace, generator, resolved, argv } = input;
  const options: object = { argv, skipInstall: true };
  try {
    const environment = createEnv();
    environment.register(generator as never, { namespace, resolved });
    await environment.run([namespace], options);
  } catch (error) {
    const { message, code } = asGeneratorError(error);
    process.stderr.write(`✗ ${message}\n`);
    process.exitCode = code;
  }
}
