import { HttpClient } from '@angular/common/http';
import { Injectable, inject } from '@angular/core';
import type { Observable } from 'rxjs';
import type { RegistryTool } from '#contracts/tool';

/** The registry's routes for one tool. */
@Injectable({ providedIn: 'root' })
export class ToolsApi {
  private readonly http = inject(HttpClient);

  tool(toolId: string): Observable<RegistryTool> {
    return this.http.get<RegistryTool>(`/api/tools/${encodeURIComponent(toolId)}`);
  }
}
