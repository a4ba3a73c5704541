import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { AppError } from '../../app-error.ts'
import { createMemoryStore } from '../../testing/memory-store.ts'
import { CLI_NOW, runCli } from '../testing/run-cli.ts'

const setUp = () => {
  const folder = mkdtempSync(join(tmpdir(), 'perfwatch-backup-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const files: string[] = []
  const store = {
    ...createMemoryStore({ clock: { now: () => CLI_NOW } }),
    backup: async (file: string) => {
      files.push(file)
    },
  }
  return { folder, files, openStore: async () => store }
}

it('writes a copy into a new file', async () => {
  const { folder, files, openStore } = setUp()
  const file = join(folder, 'copy.db')
  expect(await runCli(['backup', file], { rooms: { openStore } })).toEqual({
    code: 0,
    out: `Wrote ${file}.\n`,
    err: '',
  })
  expect(files).toEqual([file])
})

it('overwrites nothing', async () => {
  const { folder, files, openStore } = setUp()
  const file = join(folder, 'precious.txt')
  writeFileSync(file, 'precious')
  expect(await runCli(['backup', file], { rooms: { openStore } })).toEqual({
    code: 1,
    out: '',
    err: `error: ${file} exists; nothing is overwritten. Give another name.\n`,
  })
  expect([files, readFileSync(file, 'utf8')]).toEqual([[], 'precious'])
})

it('says what stands in the way', async () => {
  const openStore = async () => {
    throw new AppError({ code: 'setup', detail: 'There is no series.db in x.' })
  }
  expect(await runCli(['backup', '/nonexistent/x'], { rooms: { openStore } })).toEqual({
    code: 1,
    out: '',
    err: 'error: There is no series.db in x.\n',
  })
})
