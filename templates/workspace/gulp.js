// gulp loads this file before gulpfile.ts: it prepares the process to run TypeScript, and its help and output.
export * from 'generator-platform/gulp/setup';
