/** What the platform's process tells the watcher: that it answers, or that a tool has come, gone or changed. */
export type FromPlatform =
  { readonly ready: true; readonly port: number; readonly gatewayPort: number } | { readonly ready: false };
