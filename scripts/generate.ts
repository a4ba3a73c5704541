import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { fluxTasks } from './generators/flux-tasks.ts'
import { grafanaFiles } from './generators/grafana-files.ts'
import { influxTemplate } from './generators/influx-template.ts'
import { lintArrows } from './generators/lint-arrows.ts'
import { metricsPage } from './generators/metrics-page.ts'
import { settingsPage } from './generators/settings-page.ts'

/** A file that is made from the code. Its first line says by what, where it can have remarks. */
export type Generator = {
  /** Path from the root of the repository. */
  readonly file: string
  readonly make: () => string
}

/** Every generated file; adding one is one line here and its generator beside. */
export const GENERATORS: readonly Generator[] = [
  metricsPage,
  settingsPage,
  lintArrows,
  ...fluxTasks,
  influxTemplate,
  ...grafanaFiles,
]

const root = fileURLToPath(new URL('..', import.meta.url))

/** The generators whose file differs from what they make now. */
export const drifted = async (
  generators: readonly Generator[],
  folder: string,
): Promise<readonly Generator[]> => {
  const changed = await Promise.all(
    generators.map(async (one) => {
      const there = await readFile(`${folder}/${one.file}`, 'utf8').catch(() => null)
      return there === one.make() ? [] : [one]
    }),
  )
  return changed.flat()
}

const run = async (check: boolean): Promise<number> => {
  const changed = await drifted(GENERATORS, root)
  if (!check) await Promise.all(changed.map((one) => writeFile(`${root}/${one.file}`, one.make())))
  for (const { file } of changed)
    console.log(
      check ? `${file} differs from what \`npm run generate\` makes.` : `${file} written.`,
    )
  return check && changed.length > 0 ? 1 : 0
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  process.exitCode = await run(process.argv.includes('--check'))
