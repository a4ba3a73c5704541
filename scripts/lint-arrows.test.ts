import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CONTAINED, FREE_ROOMS, INSTEAD_OF, ROOMS } from './lint/arrows.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'arrows-'))

const rooms = Object.keys(ROOMS)
const targets = [...rooms, ...FREE_ROOMS]
const fileOf = (room: string, name: string) =>
  room.endsWith('.ts') ? `src/${room}` : `src/${room}/${name}.ts`

/** The text of an import of `target` in `file`. */
const importOf = (file: string, target: string): string => {
  const path = relative(dirname(file), fileOf(target, 'thing'))
  return path.startsWith('.') ? path : `./${path}`
}

const valueImport = (from: string, n: number) =>
  `import { a as a${n} } from '${from}'\nvoid a${n}\n`
const typeImport = (from: string, n: number) =>
  `import type { A as A${n} } from '${from}'\nexport type B${n} = A${n}\n`
const lateImport = (from: string, n: number) => `export const load${n} = () => import('${from}')\n`

type Probe = readonly [file: string, imports: readonly string[], as?: typeof valueImport]

const packages = CONTAINED.map(({ name }) => name)
const contained = CONTAINED.flatMap(({ only }) => only)

/** What is fed to the linter, all in one run: files with what each imports. */
const PROBES: readonly Probe[] = [
  ...rooms.flatMap((room) => {
    // a deeper file for each folder but the store, whose inner folders are rooms of their own
    const deeper = room.endsWith('.ts') || room === 'store' ? [] : [fileOf(room, 'inner/probe')]
    return [fileOf(room, 'probe'), ...deeper].map((file): Probe => {
      const others = targets.filter((target) => target !== room)
      return [file, [...others.map((target) => importOf(file, target)), ...packages]]
    })
  }),
  ['src/cli/free.test.ts', targets.map((one) => importOf('src/cli/free.test.ts', one))],
  ['src/api/packages.test.ts', packages],
  ['src/api/packages.ts', packages],
  ['src/points/packages.ts', ['zod', 'node:zlib']],
  ['src/history/packages.ts', ['hono', 'hono/cors', '@hono/node-server', 'jstat']],
  ...contained.map((file): Probe => [file, [...packages, '../main.ts']]),
  ['src/api/later.ts', ['../store/embedded/open.ts'], lateImport],
  ['src/web/types.ts', ['../history/history.ts'], typeImport],
  ['src/history/types.ts', ['../api/answers.ts'], typeImport],
]
const probes = new Set(PROBES.map(([file]) => file))

/** The sentence with which each import was refused, by `file import`. */
const refusals = new Map<string, string>()
const said = (file: string, imported: string) => refusals.get(`${file} ${imported}`)

type Report = {
  readonly diagnostics: readonly {
    readonly code: string
    readonly filename: string
    readonly help: string
    readonly message: string
  }[]
}

beforeAll(() => {
  cpSync(join(root, '.oxlintrc.json'), join(folder, '.oxlintrc.json'))
  cpSync(join(root, 'scripts/lint'), join(folder, 'scripts/lint'), { recursive: true })
  for (const [file, imports, as = valueImport] of PROBES) {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), imports.map(as).join(''))
  }
  const oxlint = join(root, 'node_modules/.bin/oxlint')
  const { stdout } = spawnSync(oxlint, ['-f', 'json', 'src'], { cwd: folder, encoding: 'utf8' })
  const { diagnostics } = JSON.parse(stdout) as Report
  for (const { code, filename, help, message } of diagnostics)
    if (code === 'eslint(no-restricted-imports)')
      refusals.set(`${filename} ${message.split("'")[1]}`, help)
})

afterAll(() => rmSync(folder, { recursive: true }))

describe('the import arrows', () => {
  it('are drawn for every folder of src', () => {
    const folders = readdirSync(join(root, 'src'), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name)
    expect(folders.filter((name) => !targets.includes(name))).toEqual([])
  })

  it.each(rooms)('of %s are refused with a sentence, or allowed', (room) => {
    const { may, instead } = ROOMS[room] ?? { may: [], instead: '' }
    const others = targets.filter((target) => target !== room)
    const files = [...new Set([fileOf(room, 'probe'), fileOf(room, 'inner/probe')])]
    for (const file of files.filter((one) => probes.has(one)))
      expect(others.map((target) => [target, said(file, importOf(file, target))])).toEqual(
        others.map((target) => [
          target,
          may.includes(target) ? undefined : (INSTEAD_OF[target] ?? instead),
        ]),
      )
  })

  it('hold for an import at run time', () => {
    expect(said('src/api/later.ts', '../store/embedded/open.ts')).toBe(INSTEAD_OF['store/embedded'])
  })

  it('let the page import types from anywhere', () => {
    expect(said('src/web/types.ts', '../history/history.ts')).toBeUndefined()
    expect(said('src/history/types.ts', '../api/answers.ts')).toBe(ROOMS['history']?.instead)
  })

  it('do not bind tests', () => {
    expect([...refusals.keys()].filter((one) => one.includes('.test.ts '))).toEqual([])
  })
})

describe('packages', () => {
  it.each(['zod', 'node:zlib'])('%s is refused in points, which is pure', (name) => {
    expect(said('src/points/packages.ts', name)).toBe(ROOMS['points']?.instead)
  })

  it.each(['hono', 'hono/cors', '@hono/node-server'])('%s is refused in history', (name) => {
    expect(said('src/history/packages.ts', name)).toBe(ROOMS['history']?.instead)
  })

  it('others are welcome in history', () => {
    expect(said('src/history/packages.ts', 'jstat')).toBeUndefined()
  })

  it.each(CONTAINED)('$name is contained in $only', ({ name, only, instead }) => {
    expect(said('src/api/packages.ts', name)).toBe(instead)
    expect(said('src/main.ts', name)).toBe(instead)
    expect(only.map((file) => said(file, name))).toEqual(only.map(() => undefined))
    expect(only.map((file) => said(file, '../main.ts'))).toEqual(
      only.map(() => INSTEAD_OF['main.ts']),
    )
  })
})
