/** For every undo that deletes exported files. */
export { keepAdded, keepEdited, keepEdits } from './steps/backend/keep-edits.ts';
