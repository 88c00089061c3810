import eslint from '@eslint/js';
import angular from 'angular-eslint';
import tseslint from 'typescript-eslint';

/** Code around the tool. */
const HOST = ['src/main.ts', 'src/app/app.*.ts', 'src/host/**/*.ts', 'src/environments/**/*.ts'];

/** Rules that point at a likely mistake without failing: the tool's code was written by the rules of its repository. */
const advice = (configs) =>
  configs.map(({ rules = {}, ...config }) => ({
    ...config,
    rules: Object.fromEntries(
      Object.entries(rules).map(([rule, level]) => [rule, level === 'error' ? 'warn' : level]),
    ),
  }));

export default tseslint.config(
  { ignores: ['dist/**', '.angular/**', 'node_modules/**'] },
  {
    files: ['**/*.ts'],
    extends: advice([
      eslint.configs.recommended,
      ...tseslint.configs.recommended,
      ...angular.configs.tsRecommended,
    ]),
    processor: angular.processInlineTemplates,
    // Directives that silence rules of the repository the code comes from are no mistake here
    linterOptions: { reportUnusedDisableDirectives: 'off' },
  },
  {
    files: HOST,
    extends: [eslint.configs.recommended, tseslint.configs.strict, angular.configs.tsRecommended],
    rules: {
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      'no-console': 'error',
      eqeqeq: 'error',
    },
  },
  {
    files: ['**/*.html'],
    extends: advice([...angular.configs.templateRecommended, ...angular.configs.templateAccessibility]),
  },
);
