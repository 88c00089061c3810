// Owned by the step that writes it, because undo reads it too; the adapters read it from here
export * from '../../steps/backend/provenance.ts';
