/**
 * File below the state folder with the values of the variables that a tool declares: one JSON object, readable by its
 * owner only. The platform writes the values that it runs the tool with; an export starts the service with them.
 */
export const toolEnvironmentFile = (toolId: string): string => `secrets/${toolId}.env.json`;
