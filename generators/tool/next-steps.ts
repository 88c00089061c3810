/**
 * What a person does after a scaffold.
 * @param platformUrl of a platform that answers; `null` when none runs
 */
export function nextSteps({
  id,
  platformUrl,
  registered,
}: {
  readonly id: string;
  readonly platformUrl: string | null;
  readonly registered: boolean;
}): string {
  const steps = [
    ...(platformUrl === null ? ['npm start      (registers and serves the tool)'] : []),
    ...(platformUrl !== null && !registered ? [`npx gulp register --tool-id=${id}`] : []),
    ...(platformUrl !== null ? [`Open ${platformUrl}/tools/${id}`] : []),
    `npx gulp export --tool-id=${id} --dry-run`,
  ];
  return `\nNext steps:\n${steps.map((step) => `   ${step}`).join('\n')}`;
}
