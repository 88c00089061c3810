import type { SharedFacts } from '../../core/facts.ts';
import type { GeneratedWebApp } from '../../generate/web-app/generate-web-app.ts';

export interface FrontendFacts extends SharedFacts {
  readonly frontend: GeneratedWebApp;
}
