// gulp loads this file before gulpfile.ts: it prepares the process to run TypeScript.
import 'generator-platform/gulp/setup';
