// Bundles src/ into dist/ (or the folder given): `perfwatch.js`, which any Node can parse, and the product that
// it loads, in chunks. Plain JavaScript, because it runs in `prepare`, before anything is built.
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { build as buildPage } from 'vite'

const root = fileURLToPath(new URL('..', import.meta.url))
const outdir = resolve(root, process.argv[2] ?? 'dist')

const common = {
  absWorkingDir: root,
  bundle: true,
  format: 'esm',
  logLevel: 'warning',
  outdir,
  packages: 'external',
  platform: 'node',
  // Line numbers for whoever debugs, without a second copy of the sources in the package.
  sourcemap: true,
  sourcesContent: false,
  write: false,
}

/** The entry finds its neighbour in dist/ where its source imports `./cli/main.ts`. */
const neighbour = {
  name: 'neighbour',
  setup: ({ onResolve }) =>
    onResolve({ filter: /^\.\/cli\/main\.ts$/ }, () => ({ path: './cli.js', external: true })),
}

const builds = () =>
  Promise.all([
    build({
      ...common,
      entryPoints: { perfwatch: 'src/bin.ts' },
      banner: { js: '#!/usr/bin/env node' },
      target: 'es2015',
      supported: { 'dynamic-import': true },
      plugins: [neighbour],
    }),
    build({
      ...common,
      entryPoints: { cli: 'src/cli/main.ts' },
      chunkNames: 'chunks/[name]-[hash]',
      splitting: true,
      target: 'node20.19',
    }),
  ])

const write = async ({ path, contents }) => {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, contents)
}

const started = performance.now()
// esbuild has already printed what is wrong, with the lines: a stack trace adds nothing.
const built = await builds().catch(() => process.exit(1))

// Only now: a source that does not build leaves the last good dist/ in place.
await rm(outdir, { recursive: true, force: true })
await Promise.all(built.flatMap(({ outputFiles }) => outputFiles.map(write)))
await chmod(resolve(outdir, 'perfwatch.js'), 0o755)
await buildPage({
  configFile: resolve(root, 'src/web/vite.config.ts'),
  logLevel: 'warn',
  build: { outDir: resolve(outdir, 'web') },
})
console.log(`dist/ was built in ${Math.round(performance.now() - started)} ms.`)
