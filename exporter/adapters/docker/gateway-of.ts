/** As the engine describes it. */
export interface Subnet {
  readonly Subnet?: string;
  readonly Gateway?: string;
}

/**
 * Address of the host in a network, as a list of one; empty when it cannot be told.
 *
 * A bridge that the engine has made in this run of its own does not name its gateway until the engine's next start
 * (github.com/moby/moby/issues/26799). It is the first address of the subnet then.
 */
export function gatewayOf({ Subnet, Gateway }: Subnet): readonly string[] {
  if (Gateway !== undefined && Gateway !== '') return [Gateway.split('/')[0] ?? Gateway];
  const [, start, last] = /^((?:\d+\.){3})(\d+)\/\d+$/.exec(Subnet ?? '') ?? [];
  return start === undefined ? [] : [`${start}${Number(last) + 1}`];
}
