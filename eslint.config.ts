// Lint rules: type-checked TypeScript, plus the house's layer rules as import zones.
import js from '@eslint/js';
import importX from 'eslint-plugin-import-x';
import svelte from 'eslint-plugin-svelte';
import { defineConfig } from 'eslint/config';
import globals from 'globals';
import tseslint from 'typescript-eslint';

type Zone = { target: string; from: string; except?: string[]; message: string };

const room = (name: string, mayUse: string[], message: string): Zone => ({
  target: `./src/core/${name}`,
  from: './src/core',
  except: [...new Set([name, 'files', ...mayUse])].map((r) => `./${r}`), // files: a leaf that every room may use
  message,
});

const isolated = (name: string): Zone =>
  room(name, [], `core/${name} knows no other room; what combines rooms belongs in core/train, core/detect or app.`);

const zones: Zone[] = [
  {
    target: './src/shared',
    from: './src',
    except: ['./shared'],
    message: 'shared imports only itself: it runs anywhere.',
  },
  {
    target: './src/core',
    from: './src',
    except: ['./core', './shared'],
    message: 'core is the engine: it never imports app or a shell.',
  },
  {
    target: './src/app',
    from: './src',
    except: ['./app', './core', './shared'],
    message: 'app imports core and shared only.',
  },
  {
    target: './src/main',
    from: './src',
    except: ['./main', './app', './shared', './preload'],
    message: 'main imports app and shared only.',
  },
  {
    target: './src/server',
    from: './src',
    except: ['./server', './app', './shared'],
    message: 'server imports app and shared only.',
  },
  {
    target: './src/cli',
    from: './src',
    except: ['./cli', './app', './shared', './server/serve.ts'],
    message: 'cli imports app and shared only; use cases belong in app.',
  },
  {
    target: './src/renderer',
    from: './src',
    except: ['./renderer', './shared'],
    message: 'renderer imports only shared; everything else goes through the contract.',
  },
  { target: './src', from: './tests', message: 'nothing imports tests.' },
  isolated('onnx'),
  room('autodiff', ['onnx'], 'autodiff builds on onnx only.'),
  room('layout', ['onnx', 'autodiff'], 'layout lowers graphs: it knows onnx and the gradient composites only.'),
  room('nn', ['onnx', 'autodiff'], 'nn builds on onnx and autodiff.'),
  room('optim', ['nn'], 'optim works on parameters: it knows nn only.'),
  room('ttfnet', ['onnx', 'autodiff', 'nn'], 'ttfnet is graph and arithmetic: no files, no sessions.'),
  room(
    'model',
    ['onnx', 'autodiff', 'layout', 'nn', 'ttfnet', 'optim', 'runtime', 'weights'],
    'model turns weights into runnable models; data and loops belong in train or detect.',
  ),
  room('report', ['evaluate', 'files'], 'report renders plain data: it knows evaluate and files only.'),
  ...['runtime', 'image', 'dataset', 'weights', 'evaluate', 'store', 'files'].map(isolated),
  room('download', ['weights'], 'download fetches and imports weight files: it knows weights and files only.'),
  room('sample', ['image'], 'sample draws a dataset: it knows image and files only.'),
];

/** Packages that only one room may import. */
const homes: Record<string, string> = {
  'onnxruntime-node': 'src/core/runtime',
  sharp: 'src/core/image',
  libsql: 'src/core/store',
};
const onlyIn = (entries: readonly (readonly [string, string])[]) => ({
  'no-restricted-imports': [
    'error',
    { paths: entries.map(([pkg, home]) => ({ name: pkg, message: `Only ${home} may import ${pkg}.` })) },
  ] as ['error', object],
});
const restricted = (except: string | null) =>
  onlyIn(
    [...Object.entries(homes), ['electron', 'src/main and src/preload'] as const].filter(([pkg]) => pkg !== except),
  );

export default defineConfig(
  {
    ignores: [
      'out/',
      'dist/',
      'node_modules/',
      'bin/',
      'coverage/',
      'playwright-report/',
      'test-results/',
      'bench/results/',
    ],
  },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  ...svelte.configs.recommended,
  {
    languageOptions: {
      globals: { ...globals.node },
      parserOptions: { projectService: true, extraFileExtensions: ['.svelte'], tsconfigRootDir: import.meta.dirname },
    },
    plugins: { 'import-x': importX },
    settings: { 'import-x/resolver-next': [importX.createNodeResolver({ extensions: ['.ts', '.js'] })] },
    rules: {
      'import-x/no-restricted-paths': ['error', { zones }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-non-null-assertion': 'off', // indexes into typed arrays and checked maps: `!` says "known in range"
      '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
    },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { globals: { ...globals.browser }, parserOptions: { parser: tseslint.parser } },
  },
  {
    // Components are typed by svelte-check: the linter sees what one component takes from another as `any`.
    files: ['**/*.svelte'],
    rules: Object.fromEntries(
      ['argument', 'assignment', 'call', 'member-access', 'return'].map((what) => [
        `@typescript-eslint/no-unsafe-${what}`,
        'off',
      ]),
    ),
  },
  { files: ['src/renderer/**/*.ts'], languageOptions: { globals: { ...globals.browser } } },
  { files: ['src/**'], rules: restricted(null) },
  ...Object.entries(homes).map(([pkg, home]) => ({ files: [`${home}/**`], rules: restricted(pkg) })),
  { files: ['src/main/**', 'src/preload/**'], rules: restricted('electron') },
  {
    files: ['tests/**/*.ts', 'bench/**/*.ts'],
    // Only through its one door is the runtime silent: imported as it is, it would report the tests to its maker.
    rules: { 'max-lines': 'off', ...onlyIn([['onnxruntime-node', 'src/core/runtime']]) },
  },
);
