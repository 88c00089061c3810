/** Light or dark as the reader has chosen it on the platform, which shares this origin; else the system's. */
export function followPlatformTheme(): void {
  try {
    const choice = localStorage.getItem('theme');
    if (choice === 'light' || choice === 'dark') document.documentElement.classList.add(choice);
  } catch {
    // storage is closed to this page: the system's colours it is
  }
}
