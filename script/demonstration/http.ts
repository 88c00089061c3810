import { setTimeout as delay } from 'node:timers/promises';

export interface Answer {
  readonly status: number;
  readonly text: string;
  /** The body as JSON; `null` when it is not. */
  readonly body: Record<string, unknown> | null;
}

export async function get(url: string): Promise<Answer> {
  return answerOf(await fetch(url, { signal: AbortSignal.timeout(10_000) }));
}

export async function post(url: string, body: object): Promise<Answer> {
  return answerOf(
    await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(10_000),
    }),
  );
}

/** Asks until `good` holds, for at most `seconds`. The last answer is given either way. */
export async function until(
  url: string,
  seconds: number,
  good: (answer: Answer) => boolean,
): Promise<Answer> {
  const none: Answer = { status: 0, text: 'no answer', body: null };
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const answer = await get(url).catch(() => none);
    if (good(answer) || Date.now() > deadline) return answer;
    await delay(250);
  }
}

async function answerOf(response: Response): Promise<Answer> {
  const text = await response.text();
  try {
    const body: unknown = JSON.parse(text);
    return { status: response.status, text, body: body as Record<string, unknown> };
  } catch {
    return { status: response.status, text, body: null };
  }
}

/** `true`, or what came instead of it. */
export const expectAnswer = (answer: Answer, status: number, good = true): true | string =>
  (answer.status === status && good) || `answered ${String(answer.status)}: ${answer.text.slice(0, 300)}`;
