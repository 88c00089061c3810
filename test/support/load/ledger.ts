/** One write that the load has sent. */
export interface SentWrite {
  /** `create`: POST of an item; `movement`: POST that adds one piece; `step`: PATCH that adds one; `edit`: PUT of a level. */
  readonly kind: 'create' | 'movement' | 'step' | 'edit';
  /** SKU of the item. */
  readonly sku: string;
  /** Unique text of a movement; the level of an edit. */
  readonly value: string | number | null;
  readonly phase: string;
  /**
   * `acknowledged`: 2xx. `refused`: the answer promises that nothing was written (4xx, 503 with `Retry-After`). `unknown`: any
   * other answer, or none.
   */
  readonly outcome: 'acknowledged' | 'refused' | 'unknown';
}

/** An item of the load as the database holds it. */
export interface StoredItem {
  readonly sku: string;
  readonly reorderLevel: number;
  readonly quantity: number;
  /** The text of each movement, oldest first. */
  readonly movements: readonly string[];
}

/** Each list holds one line a fault. */
export interface Audit {
  readonly acknowledged: number;
  readonly refused: number;
  readonly unknown: number;
  /** Acknowledged, and not stored. */
  readonly lost: readonly string[];
  /** Stored more than once. */
  readonly doubled: readonly string[];
  /** Refused, and stored all the same: the client sends it a second time. */
  readonly stored: readonly string[];
}

/** Compares what was answered with what is stored. Pure. */
export function audit(writes: readonly SentWrite[], items: readonly StoredItem[]): Audit {
  const faults = { lost: [] as string[], doubled: [] as string[], stored: [] as string[] };
  const stored = new Map(items.map((item) => [item.sku, item]));
  for (const [sku, ofItem] of Map.groupBy(writes, ({ sku }) => sku)) {
    const item = stored.get(sku);
    for (const [kind, ofKind] of Map.groupBy(ofItem, ({ kind }) => kind))
      CHECKS[kind](ofKind, item, (fault, write, detail = '') => {
        const value = write.value === null ? '' : ` ${write.value}`;
        faults[fault].push(`${write.phase}: ${kind} ${sku}${value}${detail}`);
      });
  }
  const count = (outcome: SentWrite['outcome']): number => writes.filter((w) => w.outcome === outcome).length;
  return {
    acknowledged: count('acknowledged'),
    refused: count('refused'),
    unknown: count('unknown'),
    ...faults,
  };
}

type Report = (fault: 'lost' | 'doubled' | 'stored', write: SentWrite, detail?: string) => void;
type Check = (writes: readonly SentWrite[], item: StoredItem | undefined, report: Report) => void;

const CHECKS: Record<SentWrite['kind'], Check> = {
  create(writes, item, report) {
    for (const write of writes) checkCount(write, item === undefined ? 0 : 1, report);
  },
  movement(writes, item, report) {
    const counts = new Map<string, number>();
    for (const text of item?.movements ?? []) counts.set(text, (counts.get(text) ?? 0) + 1);
    for (const write of writes) checkCount(write, counts.get(String(write.value)) ?? 0, report);
    const [last] = writes.slice(-1);
    const { quantity = 0, movements = [] } = item ?? {};
    if (last !== undefined && quantity !== movements.length)
      report(
        quantity < movements.length ? 'lost' : 'doubled',
        last,
        `: ${quantity} pieces after ${movements.length} movements of one piece`,
      );
  },
  step(writes, item, report) {
    const least = writes.filter(({ outcome }) => outcome === 'acknowledged').length;
    const most = least + writes.filter(({ outcome }) => outcome === 'unknown').length;
    const level = item?.reorderLevel ?? 0;
    const [last] = writes.slice(-1);
    if (last === undefined || (level >= least && level <= most)) return;
    report(level < least ? 'lost' : 'doubled', last, `: ${level} after ${least} acknowledged steps`);
  },
  /** The edits of one item are sent one after the other. */
  edit(writes, item, report) {
    const last = writes.findLast(({ outcome }) => outcome === 'acknowledged');
    if (last === undefined) return;
    const later = writes.slice(writes.indexOf(last)).filter(({ outcome }) => outcome !== 'refused');
    const level = item?.reorderLevel ?? null;
    if (later.some(({ value }) => value === level)) return;
    const refused = writes.find(({ outcome, value }) => outcome === 'refused' && value === level);
    if (refused === undefined) report('lost', last, `: ${level ?? 'no item'} is stored`);
    else report('stored', refused);
  },
};

function checkCount(write: SentWrite, count: number, report: Report): void {
  if (count > 1) report('doubled', write);
  if (write.outcome === 'acknowledged' && count === 0) report('lost', write);
  if (write.outcome === 'refused' && count > 0) report('stored', write);
}
