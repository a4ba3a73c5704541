// Runs after `npm ci` and before `npm pack`: builds dist/ where the build tool is installed. On a server
// (`npm ci --omit=dev`, or a tarball that brings its dist/) there is nothing to build and nothing to fail.
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

const canBuild = () => {
  try {
    createRequire(import.meta.url).resolve('esbuild')
    return true
  } catch {
    return false
  }
}

if (canBuild()) await import('./build.js')
else if (!existsSync(fileURLToPath(new URL('../dist/perfwatch.js', import.meta.url))))
  console.log(
    'PerfWatch was installed without its build tool and there is no dist/ yet: run `npm ci && npm run build` where development packages are allowed, and copy dist/ here.',
  )
