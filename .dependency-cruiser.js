/** No file may import itself over others. Which room may import which is decided in `eslint.config.js`. */
export default {
  forbidden: [
    {
      name: 'no-circular',
      comment:
        'These files import each other in a circle; type imports count. Move what they share into a file that both ' +
        'import, or merge files that cannot do without each other.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: ['\\.generated\\.ts$', '/fixtures/'] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
};
