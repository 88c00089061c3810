import { match } from 'path-to-regexp';

/** The part of a recorded call that the README shows. */
interface Call {
  readonly request: {
    readonly as: string;
    readonly method: string;
    readonly path: string;
    readonly body?: unknown;
  };
  readonly answer: { readonly status: number; readonly body?: unknown };
}

export interface Recording {
  readonly calls: readonly Call[];
}

const PLACEHOLDER = /^<!-- example: ([A-Z]+) (\S+) -->\n/gm;

/** Replaces the placeholders of a service's README by recorded answers; a placeholder without an answer is unchanged. */
export function fillExamples(readme: string, { calls }: Recording, base: string): string {
  return readme.replace(PLACEHOLDER, (placeholder, method: string, path: string) => {
    const matches = match(path, { decode: false });
    const call = calls.find(
      ({ request, answer }) =>
        request.as === 'caller' &&
        request.method === method &&
        matches(request.path.split('?', 1)[0] ?? '') !== false &&
        answer.status < 300 &&
        ('body' in answer || answer.status === 204),
    );
    return call === undefined ? placeholder : exampleOf(call, base);
  });
}

function exampleOf({ request, answer }: Call, base: string): string {
  const requested = request.body === undefined ? '' : `**Request:**\n\n${json(request.body, base)}\n`;
  const empty = answer.body === undefined || answer.body === '';
  return `${requested}**Response:** ${answer.status}${empty ? '\n' : `\n\n${json(answer.body, base)}`}`;
}

function json(value: unknown, base: string): string {
  const text = JSON.stringify(short(value), null, 2)
    .replaceAll('$base', base)
    .replaceAll('$time', '2026-01-01T12:00:00.000Z')
    .replace(/\$id(\d+)/g, (_, n: string) => `00000000-0000-4000-8000-${n.padStart(12, '0')}`);
  return `\`\`\`json\n${text}\n\`\`\`\n`;
}

/** Shortens every list to its first row. */
function short(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, 1).map(short);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, short(inner)]));
}
