import eslint from '@eslint/js';
import boundaries from 'eslint-plugin-boundaries';
import tseslint from 'typescript-eslint';
import angular from 'angular-eslint';

/**
 * Who may import whom: one entry a room, and everything that is not named here is refused. No two rooms import each
 * other. Of `inspection` and the registry's client, other rooms see one file.
 */
const MAY_IMPORT = {
  contracts: [],
  templating: [],
  extraction: ['contracts'],
  inspection: ['inspection-inner', 'contracts'],
  'inspection-inner': ['contracts'],
  'registry-client': ['contracts'],
  registry: ['registry-client', 'contracts'],
  generators: ['contracts', 'templating', 'registry-client'],
  'exporter-core': ['contracts', 'extraction'],
  'exporter-generate': ['exporter-core', 'inspection', 'contracts', 'templating'],
  'exporter-steps': ['exporter-core', 'exporter-generate', 'extraction', 'contracts', 'templating'],
  'exporter-pipeline': ['exporter-core', 'exporter-steps'],
  'exporter-adapters': ['exporter-core', 'extraction', 'contracts', 'templating', 'registry'],
  'exporter-cli': ['exporter-core', 'contracts'],
  'exporter-engine': ['exporter-core', 'exporter-steps', 'extraction', 'contracts', 'registry'],
  'exporter-commands': [
    'exporter-adapters',
    'exporter-cli',
    'exporter-core',
    'exporter-engine',
    'exporter-generate',
    'exporter-pipeline',
    'exporter-steps',
    'extraction',
    'contracts',
    'templating',
    'registry',
  ],
  exporter: [
    'exporter-commands',
    'exporter-cli',
    'exporter-core',
    'exporter-pipeline',
    'contracts',
    'registry',
  ],
  'monolith-host': ['contracts', 'registry'],
  'monolith-session': ['monolith-host', 'contracts', 'registry'],
  'monolith-gateway': ['monolith-host', 'contracts', 'templating', 'registry'],
  'monolith-dashboard': ['contracts', 'registry', 'generators'],
  'monolith-platform': [
    'monolith-host',
    'monolith-session',
    'monolith-gateway',
    'monolith-dashboard',
    'contracts',
    'templating',
    'registry',
  ],
  'monolith-bin': ['monolith-host', 'contracts', 'templating', 'registry'],
  web: ['contracts', 'tools'],
  root: ['exporter', 'generators'],
};

/** Every tool but the example, which is code of this project. */
const TOOLS_OF_TEAMS = ['tools/**', '!tools/inventory-tracker/**'];

/** What drives the product from outside may import any of its rooms. */
const DRIVERS = ['dev', 'test'];

export default tseslint.config(
  {
    ignores: [
      '**/node_modules/**', '**/dist/**', 'apps/**', '.platform/**', '**/.angular/**', 'coverage/**', 'templates/**',
      'templates.local/**', 'monolith/web/src/app/generated/**', '**/*.generated.ts', 'test/**/fixtures/**',
    ], // prettier-ignore
  },
  eslint.configs.recommended,
  {
    // A tool is its team's: mistakes are refused, style is not
    files: ['tools/**/*.ts'],
    ignores: ['tools/inventory-tracker/**'],
    extends: [tseslint.configs.recommended],
    rules: {
      '@typescript-eslint/no-explicit-any': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { args: 'none', caughtErrors: 'none' }],
      '@typescript-eslint/no-unused-expressions': 'off',
    },
  },
  {
    files: ['**/*.ts'],
    ignores: TOOLS_OF_TEAMS,
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
      complexity: ['error', 20],
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
    files: ['{inspection,exporter/generate}/**/*.ts'],
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
        { type: 'extraction', pattern: 'extraction/**', partialMatch: false },
        { type: 'inspection', pattern: 'inspection/index.ts', mode: 'full' },
        { type: 'inspection-inner', pattern: 'inspection/**', partialMatch: false },
        { type: 'registry-client', pattern: 'registry-api/client{.ts,/**}', mode: 'full' },
        { type: 'registry', pattern: 'registry-api/**', partialMatch: false },
        { type: 'generators', pattern: 'generators/**', partialMatch: false },
        { type: 'exporter-steps', pattern: 'exporter/steps/*/**', partialMatch: false, capture: ['step'] },
        ...['core', 'generate', 'adapters', 'cli', 'engine', 'commands'].map((room) => ({
          type: `exporter-${room}`,
          pattern: `exporter/${room}/**`,
          partialMatch: false,
        })),
        { type: 'exporter-pipeline', pattern: 'exporter/pipeline.ts', mode: 'full' },
        { type: 'exporter', pattern: 'exporter/**', partialMatch: false },
        ...['host', 'session', 'gateway', 'dashboard', 'platform', 'bin'].map((room) => ({
          type: `monolith-${room}`,
          pattern: `monolith/server/${room}/**`,
          partialMatch: false,
        })),
        { type: 'web', pattern: 'monolith/web/**', partialMatch: false },
        { type: 'tools', pattern: 'tools/*/**', partialMatch: false, capture: ['tool'] },
        { type: 'dev', pattern: '{dev,script,bench}/**', partialMatch: false },
        { type: 'test', pattern: 'test/**', partialMatch: false },
        { type: 'root', pattern: '{gulp,plop}file.ts', mode: 'full' },
      ],
      'import/resolver': { node: { extensions: ['.ts', '.js'] } },
    },
    rules: {
      'boundaries/dependencies': [
        'error',
        {
          default: 'disallow',
          policies: [
            { allow: { to: { module: { origin: ['external', 'core'] } } } },
            ...Object.entries(MAY_IMPORT).map(([room, others]) => ({
              from: { element: { type: room } },
              allow: {
                to: { element: { types: { anyOf: room === 'exporter-steps' ? others : [room, ...others] } } },
              },
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
            ...DRIVERS.map((room) => ({
              from: { element: { type: room } },
              allow: { to: { element: { type: '*' } } },
            })),
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
