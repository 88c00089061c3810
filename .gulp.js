// gulp loads this file before gulpfile.ts.
export * from './exporter/cli/gulp-setup.ts';
