/** Hears when the user wants a run with `--follow` to switch: Enter on a terminal, SIGUSR2 anywhere. */
export function listenForSwitch(): { readonly signal: AbortSignal; close(): void } {
  const wish = new AbortController();
  const onWish = (): void => wish.abort();
  process.on('SIGUSR2', onWish);
  const { stdin } = process;
  if (stdin.isTTY) stdin.once('data', onWish);
  return {
    signal: wish.signal,
    close() {
      process.off('SIGUSR2', onWish);
      if (!stdin.isTTY) return;
      stdin.off('data', onWish);
      stdin.pause();
    },
  };
}
