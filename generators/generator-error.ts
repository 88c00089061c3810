import { EXIT, PlatformError } from '../contracts/errors.ts';
import { SettingsError } from '../contracts/settings.ts';
import { TemplateError } from '../templating/render.ts';

/** An error for `yo` and `create-tool`; `code` is the exit code of the process. */
export class GeneratorError extends Error {
  override readonly name = 'GeneratorError';
  readonly code: number;
  constructor(message: string, code: number, cause: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

/**
 * The files are written but not registered: neither refused (no change) nor failed (rolled back). Has its own
 * exit code, and names the way forward and the way back.
 */
export function notRegistered(cause: unknown, toolId: string): GeneratorError {
  const { message } = asGeneratorError(cause);
  return new GeneratorError(
    `${message}\nThe files of tools/${toolId}/ are written but not registered.\nNext steps:\n   npm start      (where no platform runs: it registers the tool)\n   npx gulp register --tool-id=${toolId}      (where one runs)`,
    EXIT.rollbackIncomplete,
    cause,
  );
}

/** Converts an error for the methods of a generator to throw. */
export function asGeneratorError(error: unknown): GeneratorError {
  if (error instanceof GeneratorError) return error;
  if (error instanceof PlatformError) {
    const details = error.errors.map((e) => `\n  ${e.pointer || '/'}: ${e.message}`).join('');
    return new GeneratorError(error.message + details, error.exitCode, error);
  }
  if (error instanceof SettingsError) return new GeneratorError(error.message, EXIT.usage, error);
  if (error instanceof TemplateError)
    return new GeneratorError(
      `${error.message}\nCorrect it, then check all templates: npm run templates:check`,
      EXIT.refused,
      error,
    );
  return new GeneratorError(error instanceof Error ? error.message : String(error), EXIT.rolledBack, error);
}
