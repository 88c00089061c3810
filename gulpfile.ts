import gulp from 'gulp';
import {
  commandsOf,
  exportFlags,
  exportSeries,
  prepareProcess,
  rollbackFlags,
  rollbackSeries,
} from './exporter/index.ts';
import { scaffolding } from './generators/commands/index.ts';

const argv = process.argv.slice(2);

const exportTool = gulp.series(...exportSeries(argv));
exportTool.displayName = 'export';
exportTool.description = 'Turn a tool into an independent microservice';
exportTool.flags = exportFlags;

const rollback = gulp.series(...rollbackSeries(argv));
rollback.displayName = 'rollback';
rollback.description = 'Roll back a failed, crashed or completed export';
rollback.flags = rollbackFlags;

const tasks = [exportTool, rollback, ...commandsOf(argv), ...scaffolding];
for (const task of tasks) gulp.task(task);
prepareProcess(argv, tasks);
