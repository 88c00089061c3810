/** What a person can do after an export. */
export function stepsAfterExport(toolId: string): readonly string[] {
  return [
    `Commit the new files: git add --all && git commit -m "Export ${toolId}"`,
    `End the way back, once the service has proved itself: npx gulp complete --tool-id=${toolId} --dry-run`,
  ];
}

/** Where the tool is after a rollback. `platformUrl`: `null` when no platform answers. */
export function stepsAfterRollback(toolId: string, platformUrl: string | null): readonly string[] {
  return [
    platformUrl === null
      ? `Start the platform, which serves the tool again: npm start`
      : `The monolith serves the tool: ${platformUrl}/tools/${toolId}`,
  ];
}
