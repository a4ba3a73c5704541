import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'

/** The page, built into dist/web. Everything is found beside it, so that it works under any BASE_PATH. */
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: './',
  build: {
    outDir: fileURLToPath(new URL('../../dist/web', import.meta.url)),
    emptyOutDir: true,
    target: 'es2022',
    // a data URL or an inline script would need a hole in the server's content security policy
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
})
