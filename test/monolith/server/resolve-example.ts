import { registerHooks } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const HERE = path.resolve(import.meta.dirname, '../../..');

/** Packages of the applications in docs/examples/, as an application finds them in its own node_modules. */
registerHooks({
  resolve(specifier, context, next) {
    if (specifier === 'generator-platform/express')
      return next(pathToFileURL(path.join(HERE, 'monolith/server/express.ts')).href, context);
    const fromExpress4 = context.parentURL?.includes('/docs/examples/express-4/') === true;
    return next(specifier === 'express' && fromExpress4 ? 'express-4' : specifier, context);
  },
});
