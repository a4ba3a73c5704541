import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runInNewContext } from 'node:vm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const folder = mkdtempSync(join(tmpdir(), 'bin-'))
const root = fileURLToPath(new URL('..', import.meta.url))
const entry = join(folder, 'dist/perfwatch.js')

beforeAll(() => {
  execFileSync(process.execPath, [join(root, 'scripts/build.js'), join(folder, 'dist')])
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
})
afterAll(() => rmSync(folder, { recursive: true }))

/** What the built entry does under a Node of this version: as a script, so that no import may stand in it. */
const under = (version: string) => {
  const said: string[] = []
  const process = {
    argv: ['node', 'perfwatch', '--version'],
    exitCode: undefined,
    stderr: { write: (text: string) => said.push(text) },
    versions: { node: version },
  }
  const source = readFileSync(entry, 'utf8').replace('import("./cli.js")', 'load()')
  const loads: string[] = []
  const load = () => {
    loads.push('./cli.js')
    return new Promise(() => undefined)
  }
  runInNewContext(source, { process, load })
  return { said: said.join(''), exitCode: process.exitCode, loads }
}

describe('the entry', () => {
  it.each(['8.17.0', '12.22.12', '18.20.8', '20.18.3'])(
    'tells Node %s what it needs',
    (version) => {
      expect(under(version)).toEqual({
        said: `PerfWatch needs Node 20.19 or newer and this is ${version}: install a newer Node, then run the same command again.\n`,
        exitCode: 1,
        loads: [],
      })
    },
  )

  it.each(['20.19.0', '20.20.2', '22.12.0', '24.0.0'])(
    'loads the product under Node %s',
    (version) => {
      expect(under(version)).toEqual({ said: '', exitCode: undefined, loads: ['./cli.js'] })
    },
  )

  it('is a command of its own', () => {
    expect(readFileSync(entry, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/)
    expect(execFileSync(entry, ['--version'], { encoding: 'utf8' })).toMatch(/^\d+\.\d+\.\d+\n$/)
  })
})
