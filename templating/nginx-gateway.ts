import { render, type RenderOptions } from './render.ts';

/** Where the gateway on this machine's own nginx runs. */
export interface NginxGatewayPlace {
  /** Absolute folder that holds `nginx.conf`, its pid file and its logs. */
  readonly folder: string;
  /** Absolute folder of the exported apps. */
  readonly apps: string;
  readonly platformPort: number;
  readonly gatewayPort: number;
  /** Headers of exported web apps, by name. */
  readonly webAppHeaders: Readonly<Record<string, string>>;
  /** Addresses and CIDR ranges of proxies in front, whose reported clients and schemes count. */
  readonly trustedProxies: readonly string[];
  /** Where TLS ends, in addition to the plain port on loopback; the files are absolute paths. */
  readonly tls: {
    readonly host: string;
    readonly port: number;
    readonly certificate: string;
    readonly key: string;
  } | null;
  /** `user group` of the workers when the master runs as root, else empty. */
  readonly user: string;
  /** Whether services see no cookies at all; default: all but those of the platform. */
  readonly hidesCookies?: boolean;
}

/**
 * The main file of the gateway for this machine's own nginx.
 * @throws RangeError when a folder's name means something else to nginx.
 */
export function renderNginxGateway(place: NginxGatewayPlace, options: RenderOptions = {}): string {
  const { tls } = place;
  const data = {
    ...place,
    hidesCookies: place.hidesCookies ?? false,
    folder: nginxPath(place.folder),
    apps: nginxPath(place.apps),
    tls: tls && {
      listen: `${tls.host.includes(':') ? `[${tls.host}]` : tls.host}:${tls.port}`,
      certificate: nginxPath(tls.certificate),
      key: nginxPath(tls.key),
    },
  };
  return render('infra/nginx.local.conf.ejs', data, options);
}

/**
 * `path` for the inside of a quoted nginx string.
 * @throws RangeError for `$` (nginx cannot escape it), the signs of its file patterns, and control characters.
 */
export function nginxPath(path: string): string {
  // eslint-disable-next-line no-control-regex -- they are what is refused
  if (/[$*?[\]{}\u0000-\u001f\u007f]/.test(path))
    throw new RangeError(
      `nginx cannot work below ${JSON.stringify(path)}: a folder's name holds $, *, ?, a bracket or a control character`,
    );
  return path.replaceAll('\\', '\\\\').replaceAll('"', '\\"');
}
