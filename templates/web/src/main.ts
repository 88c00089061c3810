import { bootstrapApplication } from '@angular/platform-browser';
import { AppComponent } from './app/app.component';
import { appConfig } from './app/app.config';
import { loadRuntimeConfig } from './host/runtime-config';
import { followPlatformTheme } from './host/theme';

followPlatformTheme();
const runtime = await loadRuntimeConfig();
await bootstrapApplication(AppComponent, appConfig(runtime));
