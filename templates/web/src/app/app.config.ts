import { APP_BASE_HREF } from '@angular/common';
import { provideHttpClient, withInterceptors } from '@angular/common/http';
import {
  provideBrowserGlobalErrorListeners,
  provideZonelessChangeDetection,
  type ApplicationConfig,
} from '@angular/core';
import { provideRouter, withComponentInputBinding, withInMemoryScrolling } from '@angular/router';
import { bearerToken } from '../host/bearer-token.interceptor';
import { RUNTIME_CONFIG, type RuntimeConfig } from '../host/runtime-config';
import { routes } from './app.routes';

/** The same providers as the platform's shell gives its tools. */
export function appConfig(runtime: RuntimeConfig): ApplicationConfig {
  return {
    providers: [
      provideBrowserGlobalErrorListeners(),
      provideZonelessChangeDetection(),
      provideHttpClient(withInterceptors([bearerToken])),
      provideRouter(
        routes,
        withComponentInputBinding(),
        withInMemoryScrolling({ scrollPositionRestoration: 'enabled', anchorScrolling: 'enabled' }),
      ),
      { provide: RUNTIME_CONFIG, useValue: runtime },
      // <base href> serves the files of the build; routes are counted from the root, as in the platform
      { provide: APP_BASE_HREF, useValue: '/' },
    ],
  };
}
