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
    'inspection',
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
  'monolith-dashboard': ['contracts', 'templating', 'registry', 'generators'],
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
      // A file belongs to the first room that matches
      'boundaries/files-single-match': true,
      'boundaries/files': [
        { category: 'contracts', pattern: 'contracts/**' },
        { category: 'templating', pattern: 'templating/**' },
        { category: 'extraction', pattern: 'extraction/**' },
        { category: 'inspection', pattern: 'inspection/index.ts' },
        { category: 'inspection-inner', pattern: 'inspection/**' },
        { category: 'registry-client', pattern: 'registry-api/client{.ts,/**}' },
        { category: 'registry', pattern: 'registry-api/**' },
        { category: 'generators', pattern: 'generators/**' },
        { category: 'exporter-steps', pattern: 'exporter/steps/*/**', capture: ['step'] },
        ...['core', 'generate', 'adapters', 'cli', 'engine', 'commands'].map((room) => ({
          category: `exporter-${room}`,
          pattern: `exporter/${room}/**`,
        })),
        { category: 'exporter-pipeline', pattern: 'exporter/pipeline.ts' },
        { category: 'exporter', pattern: 'exporter/**' },
        ...['host', 'session', 'gateway', 'dashboard', 'platform', 'bin'].map((room) => ({
          category: `monolith-${room}`,
          pattern: `monolith/server/${room}/**`,
        })),
        // The entry point of applications that the platform is part of
        { category: 'monolith-platform', pattern: 'monolith/server/express.ts' },
        { category: 'web', pattern: 'monolith/web/**' },
        { category: 'tools', pattern: 'tools/*/**', capture: ['tool'] },
        { category: 'dev', pattern: '{dev,script,bench}/**' },
        { category: 'test', pattern: 'test/**' },
        { category: 'root', pattern: '{gulp,plop}file.ts' },
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
              from: { file: { categories: room } },
              allow: {
                to: {
                  file: { categories: { anyOf: room === 'exporter-steps' ? others : [room, ...others] } },
                },
              },
            })),
            // A step imports its own folder, never another step.
            {
              from: { file: { categories: 'exporter-steps' } },
              allow: {
                to: {
                  file: { categories: 'exporter-steps', captured: { step: '{{from.file.captured.step}}' } },
                },
              },
            },
            // A tool imports its own folder and the contracts, never another tool.
            { from: { file: { categories: 'tools' } }, allow: { to: { file: { categories: 'contracts' } } } },
            {
              from: { file: { categories: 'tools' } },
              allow: {
                to: { file: { categories: 'tools', captured: { tool: '{{from.file.captured.tool}}' } } },
              },
            },
            ...DRIVERS.map((room) => ({
              from: { file: { categories: room } },
              allow: { to: { file: { categories: '*' } } },
            })),
          ],
        },
      ],
    },
  },
  {
    files: ['**/*.js', '**/*.cjs'],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: { globals: { process: 'readonly', require: 'readonly' } },
  },
);
