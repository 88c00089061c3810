import { EXIT, PlatformError } from '../contracts/errors.ts';
import { SettingsError } from '../contracts/settings.ts';
import { TemplateError } from '../templating/render.ts';

/** An error as `yo` and `create-tool` end with it: `code` is the process's exit code. */
export class GeneratorError extends Error {
  override readonly name = 'GeneratorError';
  readonly code: number;
  constructor(message: string, code: number, cause: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

/**
 * Files are written and the registry has not been told: neither refused (nothing is changed then) nor failed
 * (nothing is left then), so an exit code of its own, with what is left and the way out in both directions.
 */
export function notRegistered(cause: unknown, toolId: string): GeneratorError {
  const { message } = asGeneratorError(cause);
  return new GeneratorError(
    `${message}\nThe files of tools/${toolId}/ are written and not registered. Register them later: npx gulp register --tool-id=${toolId}`,
    EXIT.rollbackIncomplete,
    cause,
  );
}

/** The error to throw out of a generator's method for whatever went wrong inside. */
export function asGeneratorError(error: unknown): GeneratorError {
  if (error instanceof GeneratorError) return error;
  if (error instanceof PlatformError) {
    const details = error.errors.map((e) => `\n  ${e.pointer || '/'}: ${e.message}`).join('');
    return new GeneratorError(error.message + details, error.exitCode, error);
  }
  if (error instanceof SettingsError) return new GeneratorError(error.message, EXIT.usage, error);
  if (error instanceof TemplateError)
    return new GeneratorError(
      `${error.message}\nCorrect it, then check all: npm run templates:check`,
      EXIT.refused,
      error,
    );
  return new GeneratorError(error instanceof Error ? error.message : String(error), EXIT.rolledBack, error);
}
