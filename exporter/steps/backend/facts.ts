import type { SharedFacts } from '../../core/facts.ts';
import type { GeneratedService } from '../../generate/service/generate-service.ts';

export interface BackendFacts extends SharedFacts {
  readonly backend: GeneratedService;
}
