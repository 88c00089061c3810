import { readFileSync } from 'node:fs';
import path from 'node:path';

/**
 * Packages that the platform with its tools runs on: those that templates of tools import, those of the dashboard, and
 * those that exported services carry. Direct dependencies of a workspace, so that platform and tools share one instance.
 */
export const WORKSPACE_DEPENDENCIES = [
  '@angular/cdk',
  '@angular/common',
  '@angular/compiler',
  '@angular/core',
  '@angular/forms',
  '@angular/material',
  '@angular/platform-browser',
  '@angular/router',
  'ajv',
  'express',
  'jose',
  'node',
  'pg',
  'pino',
  'pino-http',
  'prom-client',
  'rxjs',
  'tslib',
] as const;

/** Packages that build, check, test, scaffold and export tools. */
export const WORKSPACE_DEV_DEPENDENCIES = [
  '@angular-devkit/architect',
  '@angular-devkit/core',
  '@angular/build',
  '@angular/cli',
  '@angular/compiler-cli',
  '@eslint/js',
  '@types/chai',
  '@types/express',
  '@types/mocha',
  '@types/node',
  '@types/pg',
  'angular-eslint',
  'chai',
  'chokidar',
  'eslint',
  'gulp',
  'mocha',
  'plop',
  'prettier',
  'typescript',
  'typescript-eslint',
  'yo',
] as const;

/** The part of the platform's package.json that a workspace takes over. */
export interface PlatformPackage {
  readonly version: string;
  /** Ranges of every package that the platform names, by name. */
  readonly ranges: ReadonlyMap<string, string>;
  readonly overrides: Readonly<Record<string, string>>;
  readonly allowScripts: Readonly<Record<string, boolean>>;
}

interface PackageJson {
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly overrides?: Readonly<Record<string, unknown>>;
  readonly allowScripts?: Readonly<Record<string, boolean>>;
}

/** @param folder the platform's package */
export function readPlatformPackage(folder: string): PlatformPackage {
  const read = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as PackageJson;
  const { version, dependencies, devDependencies, peerDependencies, overrides, allowScripts } = read;
  const versions = Object.entries(overrides ?? {}).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  return {
    version,
    ranges: new Map(Object.entries({ ...peerDependencies, ...devDependencies, ...dependencies })),
    // The others rule packages that only the platform's own repository installs
    overrides: Object.fromEntries(versions),
    allowScripts: allowScripts ?? {},
  };
}

/** The ranges of packages, in npm's order. */
export function rangesOf(
  names: readonly string[],
  { ranges }: Pick<PlatformPackage, 'ranges'>,
): Record<string, string> {
  const entries = names.map((name): [string, string] => {
    const range = ranges.get(name);
    if (range === undefined) throw new Error(`The platform's package.json names no version of ${name}.`);
    return [name, range];
  });
  return Object.fromEntries(entries.sort(([a], [b]) => a.localeCompare(b, 'en')));
}
