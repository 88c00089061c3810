import { HttpClient } from '@angular/common/http';
import { Injectable, inject } from '@angular/core';
import { firstValueFrom } from 'rxjs';

/** What the server says about the build of this dashboard (`/web-build.json`). */
export interface WebBuildState {
  readonly id: string | null;
  readonly building: boolean;
  readonly tools: readonly string[];
  readonly problems: Readonly<Record<string, string>>;
  readonly error: string | null;
}

@Injectable({ providedIn: 'root' })
export class WebBuild {
  private readonly http = inject(HttpClient);

  /** `null` when the server does not say (a development server, for one). */
  state(): Promise<WebBuildState | null> {
    return firstValueFrom(this.http.get<WebBuildState>('/web-build.json')).catch(() => null);
  }
}
