// Everything that can be said of the code without running it, all at once; a line for each part.
// `npm run check`; with names (`npm run check lint types`) only those.
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

/** What is checked: the command, a tool of node_modules/.bin with its arguments. */
const PARTS = {
  format: 'oxfmt --check .',
  lint: 'oxlint --type-aware src scripts',
  types: 'tsc --project .',
  'types of the page': 'tsc --project src/web --noEmit',
  'types of its tests': 'tsc --project src/web/testing',
  'dead code': 'knip',
  'generated files': 'tsx scripts/generate.ts --check',
  'paths in docs': 'tsx scripts/check-docs.ts',
}

/** Runs one part; resolves with how it ended, all that it printed, and how long it took. */
const run = (name) =>
  new Promise((resolve) => {
    const started = performance.now()
    const [tool, ...args] = PARTS[name].split(' ')
    const child = spawn(`${root}/node_modules/.bin/${tool}`, args, {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    const keep = (text) => (output += text)
    child.stdout.on('data', keep)
    child.stderr.on('data', keep)
    const end = (ok) => {
      const seconds = ((performance.now() - started) / 1_000).toFixed(1)
      console.log(`${ok ? 'ok    ' : 'failed'} ${name.padEnd(18)} ${seconds.padStart(5)} s`)
      resolve({ name, ok, output })
    }
    child.on('error', (error) => {
      output += `${error.message}; run \`npm ci\` first.\n`
      end(false)
    })
    child.on('close', (code) => end(code === 0))
  })

const asked = process.argv.slice(2)
const unknown = asked.filter((name) => !(name in PARTS))
if (unknown.length > 0) {
  console.error(`No such part: ${unknown.join(', ')}. There are: ${Object.keys(PARTS).join(', ')}.`)
  process.exit(1)
}

const parts = await Promise.all((asked.length > 0 ? asked : Object.keys(PARTS)).map(run))
const failed = parts.filter(({ ok }) => !ok)
for (const { name, output } of failed)
  console.log(`\n--- ${name}: ${PARTS[name]}\n${output.trimEnd()}`)
process.exitCode = failed.length > 0 ? 1 : 0
