/** For every undo that deletes exported files. */
export { keepEdited, keepEdits } from './steps/backend/keep-edits.ts';
