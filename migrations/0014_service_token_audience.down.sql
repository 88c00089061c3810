UPDATE tool_routes SET deployment = deployment - 'audience';
