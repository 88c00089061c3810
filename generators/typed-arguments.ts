import path from 'node:path';

/**
 * The arguments as typed. `yo` converts `--name=007` to a number before a generator gets it, so under `yo` they
 * are read from the arguments of the process; `create-tool` passes them on.
 */
export function argumentsOf(
  options: { argv?: readonly string[] },
  positionals: readonly string[],
  argv: readonly string[] = process.argv,
): readonly string[] {
  if (options.argv !== undefined) return options.argv;
  // `yo platform` is `yo platform:app`
  const namespace = argv.findIndex((arg, i) => i > 1 && /^(generator-)?platform(:(app|tool))?$/.test(arg));
  if (behindYo(argv) && namespace !== -1) return [...argv.slice(2, namespace), ...argv.slice(namespace + 1)];
  return positionals;
}

/** Whether this process is `yo`. */
export const behindYo = (argv: readonly string[] = process.argv): boolean =>
  ['yo', 'cli.js'].includes(path.basename(argv[1] ?? ''));
