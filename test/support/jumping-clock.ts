// For `NODE_OPTIONS=--import`: at SIGUSR2 the time of day jumps by CLOCK_JUMP_MS, as when a machine's clock is set.
const OwnDate = Date;
let offset = 0;

const now = (): number => OwnDate.now() + offset;

globalThis.Date = new Proxy(OwnDate, {
  construct: (target, args: readonly unknown[], newTarget) =>
    Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget) as Date,
  get: (target, name) => (name === 'now' ? now : (Reflect.get(target, name) as unknown)),
});

process.on('SIGUSR2', () => (offset = Number(process.env['CLOCK_JUMP_MS'])));
