import gulp from 'gulp';
import {
  ABOUT_EXPORT,
  ABOUT_ROLLBACK,
  commandsOf,
  exportSeries,
  prepareProcess,
  rollbackSeries,
} from './exporter/index.ts';
import { scaffolding } from './generators/commands/index.ts';

const argv = process.argv.slice(2);

const exportTool = Object.assign(gulp.series(...exportSeries(argv)), ABOUT_EXPORT);
const rollback = Object.assign(gulp.series(...rollbackSeries(argv)), ABOUT_ROLLBACK);

for (const task of [exportTool, rollback, ...commandsOf(argv), ...scaffolding]) gulp.task(task);
prepareProcess(argv, () => Object.keys(gulp.registry().tasks()));
