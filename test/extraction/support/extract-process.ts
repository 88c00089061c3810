import { runExtract } from '../../../exporter/commands/extract/extract.ts';

/** Runs `gulp extract` without gulp, for tests that kill it, and prints the report. */
const report = await runExtract(process.argv.slice(2));
process.stdout.write(JSON.stringify(report));
process.exitCode = report.exitCode;
