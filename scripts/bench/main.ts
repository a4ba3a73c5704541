import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { AS_BUILT, type BenchRow } from './bench.ts'
import { report } from './report.ts'

/** Every bench, a module beside this file that exports one function `bench…(): Promise<BenchRow[]>`. */
const BENCHES = [
  'sampler',
  'server',
  'embedded',
  'api',
  'live',
  'calibration',
  'doors',
  'doors-soak',
  'records',
  'web',
  'grafana',
  'influx',
  'influx-tasks',
  'influx-writes',
  'influx-outage',
] as const
type BenchName = (typeof BENCHES)[number]

const LONGEST_MS = 25 * 60_000

const isBenchName = (name: string): name is BenchName => BENCHES.some((one) => one === name)

/** A bench that gave no rows is a figure that was missed. */
const failed = (name: BenchName, why: string): BenchRow => ({
  figure: `bench ${name}`,
  measured: 'none',
  target: 'its figures',
  ok: false,
  method: why,
})

/** Runs one bench in a process of its own, so that none inherits the heap, the caches or the load of another. */
const measure = (name: BenchName): Promise<readonly BenchRow[]> =>
  new Promise((resolve) => {
    const child = fork(fileURLToPath(import.meta.url), ['--child', name], {
      execArgv: [...AS_BUILT, '--expose-gc'],
      // What a bench prints is progress: stdout is for the table.
      stdio: ['ignore', 2, 2, 'ipc'],
      timeout: LONGEST_MS,
    })
    let rows: readonly BenchRow[] = []
    child.on('message', (message: readonly BenchRow[]) => {
      rows = message
    })
    child.on('error', (error) => resolve([failed(name, error.message)]))
    child.on('close', (code, signal) => {
      if (code !== 0) rows = [...rows, failed(name, `It ended with ${signal ?? `code ${code}`}.`)]
      resolve(rows.length > 0 ? rows : [failed(name, 'It gave no figures.')])
    })
  })

/** In the child: finds the module's bench, runs it, and sends its rows to the parent. */
const runChild = async (name: string) => {
  const module: Readonly<Record<string, unknown>> = await import(`./${name}.ts`)
  const bench = Object.entries(module).find(([key]) => key.startsWith('bench'))?.[1]
  if (typeof bench !== 'function') throw new Error(`scripts/bench/${name}.ts exports no bench.`)
  // Not only disconnect: a handle that a bench forgot must not hold up the others.
  process.send?.(await bench(), () => process.exit(0))
}

const runParent = async (args: readonly string[]): Promise<number> => {
  const asked = args.filter((arg) => !arg.startsWith('-'))
  const names = asked.filter(isBenchName)
  if (names.length < asked.length) {
    console.error(`There are the benches ${BENCHES.join(', ')}.`)
    return 1
  }
  const rows: BenchRow[] = []
  for (const name of names.length > 0 ? names : BENCHES) {
    console.error(`bench ${name} ...`)
    rows.push(...(await measure(name)))
  }
  console.log(args.includes('--json') ? JSON.stringify(rows, null, 2) : report(rows))
  return rows.every(({ ok }) => ok) ? 0 : 1
}

const [mode, name = ''] = process.argv.slice(2)
if (mode === '--child') await runChild(name)
else process.exitCode = await runParent(process.argv.slice(2))
