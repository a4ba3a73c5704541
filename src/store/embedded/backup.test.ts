import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Database from 'libsql'
import { build } from 'esbuild'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { point } from '../contract/questions.ts'
import { openInTemporary, type TemporaryStore } from './testing/open-in-temporary.ts'

const countIn = (file: string): unknown => {
  const db = new Database(file)
  const row = db.prepare('SELECT count(*) FROM hot').raw().all()[0]
  db.close()
  return Array.isArray(row) ? row[0] : row
}

describe('a backup of the embedded store', () => {
  let h: TemporaryStore
  beforeEach(async () => {
    h = openInTemporary()
    await h.store.write('metrics', [point(h.start, { user: 1 })])
  })
  afterEach(() => h.close())

  it('is a whole file that only its owner may read', async () => {
    const file = join(h.folder, 'it’s a copy.db')
    await h.store.backup(file)
    expect(countIn(file)).toBe(1)
    expect(statSync(file).mode & 0o777).toBe(0o600)
  })

  it('never replaces a file', async () => {
    const file = join(h.folder, 'there')
    writeFileSync(file, 'mine')
    await expect(h.store.backup(file)).rejects.toMatchObject({
      code: 'conflict',
      message: `${file} exists already: name a new file.`,
    })
    expect(statSync(file).size).toBe(4)
  })

  it('says what is wrong when it cannot be written, and leaves nothing half done', async () => {
    const before = readdirSync(h.folder)
    const file = join(h.folder, 'no-such-folder', 'copy.db')
    await expect(h.store.backup(file)).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(
        /^The backup .*copy\.db could not be written \(.*\): check its folder and its disk\.$/,
      ),
    })
    expect(readdirSync(h.folder)).toEqual(before)
    await h.store.write('metrics', [point(h.start, { user: 2 })])
  })

  it('is also made by the bundle, which has no file of its own for the thread', async () => {
    const root = fileURLToPath(new URL('../../..', import.meta.url))
    // Where the bundle finds its packages, as dist/ does.
    const place = mkdtempSync(join(root, 'node_modules', '.backup-test-'))
    try {
      const script = join(place, 'backup.mjs')
      await build({
        stdin: {
          contents: `
            import { copyDatabase } from './backup.ts'
            await copyDatabase(process.argv[2], process.argv[3])`,
          resolveDir: fileURLToPath(new URL('.', import.meta.url)),
        },
        bundle: true,
        format: 'esm',
        platform: 'node',
        packages: 'external',
        logLevel: 'silent',
        outfile: script,
      })
      const copy = join(h.folder, 'copy.db')
      const told = spawnSync(process.execPath, [script, join(h.folder, 'series.db'), copy])
      expect([told.status, told.stderr.toString()]).toEqual([0, ''])
      expect(countIn(copy)).toBe(1)
    } finally {
      rmSync(place, { recursive: true })
    }
  })
})
