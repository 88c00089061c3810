import gulp from 'gulp';
import {
  PIPELINE,
  UNDO_PHASES,
  asTask,
  asUndoTask,
  closeJob,
  closeUndo,
  commands,
  exportFlags,
  openJob,
  openUndo,
  refuseUnknownTasks,
  rollbackFlags,
} from './exporter/index.ts';
import { scaffolding } from './generators/commands/index.ts';

const exportTool = gulp.series(openJob, ...PIPELINE.map(asTask), closeJob);
exportTool.displayName = 'export';
exportTool.description = 'Turn a tool into a microservice of its own';
exportTool.flags = exportFlags;

const rollback = gulp.series(openUndo, ...UNDO_PHASES.map(asUndoTask), closeUndo);
rollback.displayName = 'rollback';
rollback.description = 'Take an export back: failed, crashed or completed';
rollback.flags = rollbackFlags;

const tasks = [exportTool, rollback, ...commands, ...scaffolding];
for (const task of tasks) gulp.task(task);
refuseUnknownTasks(tasks);
