// Runs the tests under Node 24, which npm brings as an ordinary package; arguments go to vitest
// (`npm run test:node24 src/catalog`).
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const node = `node-${process.platform}-${process.arch}@24`
// The tests must see this Node in `process.execPath` and nothing of the one that runs this script.
const inNode24 = ['node', 'node_modules/vitest/vitest.mjs', 'run', ...process.argv.slice(2)]

const child = spawn('npx', ['--yes', `--package=${node}`, '--', ...inNode24], {
  cwd: root,
  stdio: 'inherit',
})
child.on('error', (error) => {
  console.error(`npx cannot be started: ${error.message}.`)
  process.exitCode = 1
})
child.on('close', (code) => (process.exitCode = code ?? 1))
