import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { addressIn, NOT_PUBLIC, type Destinations } from './destinations.ts';

export interface Posting {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly signal: AbortSignal;
}

/** Sends one POST and returns the status of the answer. */
export type Post = (posting: Posting) => Promise<number>;

/**
 * A sender to allowed destinations only. Connects for each request anew, follows no redirect, and reads no body.
 * @throws Error when the destination is not allowed or does not answer
 */
export const postTo = (destinations: Destinations): Post =>
  function post({ url: text, headers, body, signal }) {
    const url = new URL(text);
    const address = addressIn(url);
    if (address !== null && !destinations.allows(address))
      return Promise.reject(new Error(`the host ${NOT_PUBLIC}`));
    const request = url.protocol === 'https:' ? requestHttps : requestHttp;
    return new Promise((resolve, reject) => {
      const sent = request(url, {
        method: 'POST',
        headers: { ...headers, 'Content-Length': String(Buffer.byteLength(body)) },
        agent: false,
        lookup: destinations.lookup,
        signal,
      });
      sent.once('error', reject);
      sent.once('response', (response) => {
        resolve(response.statusCode ?? 0);
        response.destroy();
      });
      sent.end(body);
    });
  };
