#!/usr/bin/env node
import module from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';

// First, so that the compile cache covers all other modules, and the processes that a command starts
process.env['NODE_COMPILE_CACHE'] ??= path.join(tmpdir(), 'node-compile-cache');
module.enableCompileCache();
const { runCommand } = await import('./run-command.ts');
await runCommand(process.argv.slice(2));
