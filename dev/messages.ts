/** Messages of the platform's process to the watcher: it is ready, or a tool was added, removed or changed. */
export type FromPlatform =
  { readonly ready: true; readonly port: number; readonly gatewayPort: number } | { readonly ready: false };
