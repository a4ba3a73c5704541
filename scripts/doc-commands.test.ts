import { exec, execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { runCli } from '../src/cli/testing/run-cli.ts'
import {
  ADMIN,
  startServerProcess,
  temporaryFolder,
  type ServerProcess,
} from '../src/testing/server-process.ts'
import { buildProduct } from '../src/testing/product.ts'
import { isMissing } from './testing/needs.ts'

// Every command line of perfwatch in the documents names a command and options that there are.

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const DOCUMENTS = [
  'README.md',
  'grafana/README.md',
  'influx/README.md',
  ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(md|conf|yml)$/.test(file))
    .map((file) => join('docs', file)),
]

type Line = { readonly file: string; readonly line: string }

/** In blocks and in the text: `perfwatch` and what follows, up to what is no part of the command. */
const commandsIn = (file: string): readonly Line[] =>
  [
    ...readFileSync(join(ROOT, file), 'utf8').matchAll(
      /(?<![\w./-])perfwatch ((?:[a-z][\w-]*)(?: [^`|>#()\n]*)?)/g,
    ),
  ]
    .map(([, line = '']) => ({ file, line: line.trim() }))
    // the name of the product in a sentence
    .filter(({ line }) => COMMANDS.has(line.split(' ')[0] ?? ''))

/** The blocks of a shell, as they stand. */
const blocksOf = (file: string): readonly string[] =>
  [...readFileSync(join(ROOT, file), 'utf8').matchAll(/```sh\n([\s\S]*?)```/g)].map(
    ([, block = '']) => block,
  )

const helpOf = async (path: readonly string[]): Promise<string> => {
  const { out, err } = await runCli([...path, '--help'])
  return out + err
}
const namesIn = (help: string): readonly string[] =>
  [...help.matchAll(/^ {2}([a-z][\w-]*)/gm)].map(([, name = '']) => name)

const COMMANDS = new Set(namesIn(await helpOf([])))
const lines = DOCUMENTS.flatMap(commandsIn)

describe('the documents', () => {
  it('have commands', () => {
    expect(COMMANDS.size).toBeGreaterThan(10)
    expect(lines.length).toBeGreaterThan(20)
  })

  it.each(lines)('$file: perfwatch $line', async ({ line }) => {
    const words = line.split(/\s+/)
    const [command = ''] = words
    const help = await helpOf([command])
    const below = namesIn(/^Commands:\n([\s\S]*)/m.exec(help)?.[1] ?? '')
    const [, second = ''] = words
    const whole = below.includes(second) ? await helpOf([command, second]) : help
    for (const word of words) {
      const option = /^(--[a-z][\w-]*)/.exec(word)?.[1]
      if (option !== undefined) expect(whole).toContain(option)
    }
  })
})

/** What a person can follow line by line: these blocks are run, in order, on a data folder of the test's own. */
const FOLLOWED = ['docs/getting-started.md', 'docs/operations.md'] as const

describe('the steps that are told', () => {
  const folder = mkdtempSync(join(tmpdir(), 'perfwatch-steps-'))
  const environment = { PATH: process.env.PATH ?? '', HOME: folder, DATA_DIR: join(folder, 'data') }
  const built = buildProduct()
  const told = FOLLOWED.flatMap(blocksOf).flatMap((block) =>
    block
      .trim()
      .split('\n')
      .map((line) => line.trim()),
  )
  const steps = told.filter((line) => line.startsWith('npx perfwatch '))

  it.each(steps)(
    '%s',
    async (step) => {
      const line = step
        .replace('npx perfwatch', `"${process.execPath}" "${await built}"`)
        .replaceAll('/mnt/backup', folder)
        // enough for a week against the one before
        .replace('--days 30', '--days 9')
      // rejects where the command says that it has failed
      await promisify(exec)(line, { cwd: ROOT, env: environment })
    },
    180_000,
  )

  it('are those of the two commands of the README, else', () => {
    const others = told.filter((line) => !steps.includes(line))
    const readme = readFileSync(join(ROOT, 'README.md'), 'utf8')
    for (const line of others) expect(readme).toContain(line)
  })
})

/** Blocks that are about a running server: each is run as a script, with the server's own address and password. */
const ABOUT_A_SERVER = ['README.md', 'docs/api.md', 'docs/push.md'] as const
/** What ends with Ctrl-C, what asks, what wants a stopped server or a past; all are run elsewhere in the tests. */
const ELSEWHERE = /^(npm |npx perfwatch (sample --watch|user add|seed|query|compare))/

describe.skipIf(isMissing('jq', 'curl by the documents'))(
  'what is told of a running server',
  () => {
    const scripts = ABOUT_A_SERVER.flatMap((file) =>
      blocksOf(file).map((block, place) => ({ file, place: place + 1, block })),
    )
    let server: ServerProcess
    let entry: string
    beforeAll(async () => {
      entry = await buildProduct()
      server = await startServerProcess(temporaryFolder(), { SAMPLING_INTERVAL_SECONDS: '1' }, [
        entry,
      ])
      // what is asked for has to be there
      await vi.waitFor(async () => {
        const now = Date.now() / 1000
        const path = `/api/history/metrics?metric_type=cpu&start_time=${now - 60}&end_time=${now}`
        const { count } = (await server.get(path)) as { count: number }
        if (count === 0) throw new Error('There is no sample yet.')
      }, 10_000)
    }, 60_000)
    afterAll(() => server?.end('SIGTERM'))

    it.each(scripts)(
      '$file, block $place',
      async ({ block }) => {
        const perfwatch = `"${process.execPath}" "${entry}"`
        const script = block
          .split('\n')
          .filter((line) => !ELSEWHERE.test(line))
          .join('\n')
          .replaceAll(/(http:\/\/)?(localhost|127\.0\.0\.1):8000/g, server.url)
          .replaceAll('"password":"..."', `"password":"${ADMIN.password}"`)
          .replaceAll('curl -s', 'curl -sS --fail-with-body')
          .replaceAll(/(npx )?perfwatch (?=query|compare|doctor|token)/g, `${perfwatch} `)
          // it says by its exit code that something is the case
          .replace(/(--fail-if \S+)/, '$1 || [ $? -eq 1 ]')
        await promisify(execFile)('sh', ['-e', '-c', script], {
          cwd: ROOT,
          env: { PATH: process.env.PATH ?? '', HOME: server.folder, DATA_DIR: server.folder },
        })
      },
      60_000,
    )
  },
)
