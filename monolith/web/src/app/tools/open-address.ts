const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/** What is asked of the page's own address. */
export interface Place {
  readonly hostname: string;
  readonly origin: string;
}

/**
 * Where this browser reaches the web app of an exported tool. The export writes down an address of its own machine:
 * a reader there keeps the name that they came by, so that their session's cookie goes along; a reader from
 * elsewhere has come through the gateway, which serves the app under the same path.
 */
export function openAddress(webUrl: string, here: Place): string {
  if (!URL.canParse(webUrl)) return webUrl;
  const url = new URL(webUrl);
  if (!LOOPBACK.test(url.hostname)) return webUrl;
  if (!LOOPBACK.test(here.hostname)) return here.origin + url.pathname;
  url.hostname = here.hostname;
  return url.href;
}
