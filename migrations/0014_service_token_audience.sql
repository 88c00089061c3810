-- Services exported until now accept tokens for the platform itself; those exported from now on accept their own only.
UPDATE tool_routes SET deployment = deployment || '{"audience": "generator-platform"}' WHERE NOT deployment ? 'audience';
