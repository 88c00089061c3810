import eslint from '@eslint/js';
import boundaries from 'eslint-plugin-boundaries';
import tseslint from 'typescript-eslint';
import angular from 'angular-eslint';

/** Who may import whom. Everything not allowed here is refused. */
const MAY_IMPORT = {
  contracts: ['contracts'],
  templating: ['templating'],
  'registry-client': ['registry-client', 'contracts'],
  registry: ['registry', 'registry-client', 'contracts'],
  generators: ['generators', 'contracts', 'templating', 'registry-client'],
  'exporter-steps': ['contracts', 'templating', 'exporter-core'],
  'exporter-adapters': ['exporter-adapters', 'exporter-core', 'exporter-steps', 'contracts', 'templating', 'registry', 'registry-client'],
  'exporter-core': ['exporter-core', 'exporter-steps', 'exporter-adapters', 'contracts', 'templating', 'registry'],
  monolith: ['monolith', 'registry', 'registry-client', 'contracts', 'templating', 'generators'],
  dev: ['dev', 'contracts', 'templating', 'registry', 'registry-client', 'monolith', 'generators', 'exporter-core', 'exporter-adapters', 'test'],
}; // prettier-ignore

/** gulpfile.ts and plopfile.ts: names, and no logic. */
const ROOT_MAY_IMPORT = ['exporter-core', 'generators', 'contracts', 'templating', 'registry-client'];

export default tseslint.config(
  {
    ignores: [
      '**/node_modules/**', '**/dist/**', 'apps/**', '.platform/**', '**/.angular/**', 'coverage/**', 'templates/**',
      'templates.local/**', 'monolith/web/src/app/generated/**', '**/*.generated.ts', 'test/**/fixtures/**',
    ], // prettier-ignore
  },
  eslint.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
      'no-console': 'error',
      eqeqeq: 'error',
    },
  },
  {
    // chai's assertions are expressions, and tests look into JSON of unknown shape
    files: ['test/**/*.ts', 'tools/*/tests/**/*.ts'],
    rules: {
      '@typescript-eslint/no-unused-expressions': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
  {
    // ts-morph's guards narrow to interfaces that stand for its Node class
    files: ['exporter/adapters/{code,web}/**/*.ts'],
    rules: { '@typescript-eslint/no-unsafe-class-instance-assignment': 'off' },
  },
  { files: ['script/**', 'bench/**', 'dev/**', '**/bin/**', 'test/**'], rules: { 'no-console': 'off' } },
  {
    files: ['monolith/web/**/*.ts', 'tools/*/frontend/**/*.ts'],
    extends: [angular.configs.tsRecommended],
    processor: angular.processInlineTemplates,
    rules: {
      // Angular's validators are static functions, and its options are classes that it takes as literals
      '@typescript-eslint/unbound-method': ['error', { ignoreStatic: true }],
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
    },
  },
  {
    // no tsconfig lies above a tool's frontend: the shell's checks them all
    files: ['tools/*/frontend/**/*.ts'],
    languageOptions: { parserOptions: { projectService: false, project: ['monolith/web/tsconfig.json'] } },
  },
  {
    files: ['monolith/web/**/*.html', 'tools/*/frontend/**/*.html'],
    extends: [angular.configs.templateRecommended, angular.configs.templateAccessibility],
  },
  {
    files: ['**/*.ts'],
    plugins: { boundaries },
    settings: {
      'boundaries/elements': [
        { type: 'contracts', pattern: 'contracts/**', partialMatch: false },
        { type: 'templating', pattern: 'templating/**', partialMatch: false },
        { type: 'registry-client', pattern: 'registry-api/client{.ts,/**}', mode: 'full' },
        { type: 'registry', pattern: 'registry-api/**', partialMatch: false },
        { type: 'generators', pattern: 'generators/**', partialMatch: false },
        { type: 'exporter-steps', pattern: 'exporter/steps/*/**', partialMatch: false, capture: ['step'] },
        { type: 'exporter-adapters', pattern: 'exporter/adapters/**', partialMatch: false },
        { type: 'exporter-core', pattern: 'exporter/**', partialMatch: false },
        { type: 'monolith', pattern: 'monolith/server/**', partialMatch: false },
        { type: 'web', pattern: 'monolith/web/**', partialMatch: false },
        { type: 'tools', pattern: 'tools/*/**', partialMatch: false, capture: ['tool'] },
        { type: 'dev', pattern: '{dev,script,bench}/**', partialMatch: false },
        { type: 'test', pattern: 'test/**', partialMatch: false },
      ],
      'boundaries/files': [{ category: 'root', pattern: '*file.ts' }],
      'import/resolver': { node: { extensions: ['.ts', '.js'] } },
    },
    rules: {
      'boundaries/dependencies': [
        'error',
        {
          default: 'disallow',
          policies: [
            { allow: { to: { module: { origin: ['external', 'core'] } } } },
            ...Object.entries(MAY_IMPORT).map(([from, to]) => ({
              from: { element: { type: from } },
              allow: { to: { element: { types: { anyOf: to } } } },
            })),
            // A step imports its own folder, never another step.
            {
              from: { element: { type: 'exporter-steps' } },
              allow: {
                to: { element: { type: 'exporter-steps', captured: { step: '{{from.captured.step}}' } } },
              },
            },
            // A tool imports its own folder and the contracts, never another tool.
            { from: { element: { type: 'tools' } }, allow: { to: { element: { type: 'contracts' } } } },
            {
              from: { element: { type: 'tools' } },
              allow: { to: { element: { type: 'tools', captured: { tool: '{{from.captured.tool}}' } } } },
            },
            {
              from: { element: { type: 'web' } },
              allow: { to: { element: { types: { anyOf: ['web', 'contracts', 'tools'] } } } },
            },
            {
              from: { file: { categories: 'root' } },
              allow: { to: { element: { types: { anyOf: ROOT_MAY_IMPORT } } } },
            },
            { from: { element: { type: 'test' } }, allow: { to: { element: { type: '*' } } } },
          ],
        },
      ],
    },
  },
  {
    files: ['**/*.js'],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: { globals: { process: 'readonly' } },
  },
);
