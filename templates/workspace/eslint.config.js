import eslint from '@eslint/js';
import angular from 'angular-eslint';
import tseslint from 'typescript-eslint';

// An export lints a tool by these rules: what passes here passes there.
export default tseslint.config(
  {
    ignores: [
      '**/node_modules/**',
      '**/dist/**',
      'apps/**',
      '.platform/**',
      'coverage/**',
      'templates.local/**',
    ],
  },
  // Scaffolded tests disable rules of stricter configurations
  { linterOptions: { reportUnusedDisableDirectives: 'off' } },
  eslint.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommended],
    rules: {
      '@typescript-eslint/no-explicit-any': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { args: 'none', caughtErrors: 'none' }],
      // chai's assertions are expressions
      '@typescript-eslint/no-unused-expressions': 'off',
    },
  },
  {
    files: ['tools/*/frontend/**/*.ts'],
    extends: [angular.configs.tsRecommended],
    processor: angular.processInlineTemplates,
    languageOptions: {
      parserOptions: { project: ['tsconfig.web.json'], tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      // Angular's validators are static functions
      '@typescript-eslint/unbound-method': ['error', { ignoreStatic: true }],
    },
  },
  {
    files: ['tools/*/frontend/**/*.html'],
    extends: [angular.configs.templateRecommended, angular.configs.templateAccessibility],
  },
  { files: ['**/*.js'], languageOptions: { globals: { process: 'readonly' } } },
);
