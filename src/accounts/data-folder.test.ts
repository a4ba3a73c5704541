import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createTextFile, createWhole, prepareDataFolder, tightenFile } from './data-folder.ts'
import { refusalOf, temporaryFolder } from './testing.ts'

const modeOf = (path: string) => (statSync(path).mode & 0o7777).toString(8)

describe('the data folder', () => {
  it('is made when it is missing, with the folders above it, for this user only', () => {
    const folder = join(temporaryFolder(), 'deep', 'data')
    expect(prepareDataFolder(folder)).toEqual([])
    expect(modeOf(folder)).toBe('700')
    expect(readdirSync(folder)).toEqual([])
  })

  it('is closed to others when it is empty or ours, with a warning', () => {
    const folder = temporaryFolder()
    for (const content of [[], ['accounts.db']]) {
      content.forEach((name) => writeFileSync(join(folder, name), '', { mode: 0o644 }))
      chmodSync(folder, 0o755)
      expect(prepareDataFolder(folder)[0]).toBe(
        `${folder} was open to other users of this machine; it is closed to them now.`,
      )
      expect(modeOf(folder)).toBe('700')
    }
    expect(modeOf(join(folder, 'accounts.db'))).toBe('600')
  })

  it.each([
    ['holds files of others', 0o755, ['letter.txt']],
    ['is shared, as /tmp is', 0o1777, []],
  ])('that %s is left as it is, with a warning', (_what, mode, content) => {
    const folder = temporaryFolder()
    content.forEach((name) => writeFileSync(join(folder, name), ''))
    chmodSync(folder, mode)
    expect(prepareDataFolder(folder)).toEqual([
      `DATA_DIR: ${folder} is open to other users of this machine; give a folder of its own.`,
    ])
    expect(modeOf(folder)).toBe(mode.toString(8))
  })

  it.each([
    ['is a file', (folder: string) => join(folder, 'file'), 'EEXIST'],
    ['is under a file', (folder: string) => join(folder, 'file', 'data'), 'ENOTDIR'],
  ])('that %s is refused by the name of its setting', async (_what, under, code) => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'file'), 'kept')
    const path = under(folder)
    expect(await refusalOf(() => prepareDataFolder(path))).toEqual({
      code: 'setup',
      detail: `DATA_DIR: ${path} cannot be written (${code}); give a folder that this user may write.`,
    })
    expect(readFileSync(join(folder, 'file'), 'utf8')).toBe('kept')
  })

  // Also root, for whom no mode forbids anything, cannot write there.
  it.runIf(process.platform === 'linux')('that cannot be written is refused', async () => {
    expect(await refusalOf(() => prepareDataFolder('/proc'))).toEqual({
      code: 'setup',
      detail: expect.stringMatching(
        /^DATA_DIR: \/proc cannot be written \(E[A-Z]+\); give a folder/,
      ),
    })
  })
})

describe('a file', () => {
  it('appears whole, for this user only, and is never made twice', () => {
    const folder = temporaryFolder()
    const file = join(folder, 'secret')
    expect(createTextFile(file, 'first')).toBe(true)
    expect(createTextFile(file, 'second')).toBe(false)
    expect([readFileSync(file, 'utf8'), modeOf(file)]).toEqual(['first', '600'])
    expect(readdirSync(folder)).toEqual(['secret'])
  })

  it('does not appear when writing it fails', async () => {
    const folder = temporaryFolder()
    const refusal = await refusalOf(() =>
      createWhole(join(folder, 'secret'), () => {
        throw new Error('disk full')
      }),
    )
    expect(refusal.code).toBe('setup')
    expect(readdirSync(folder)).toEqual([])
  })

  it('is closed to others, with a warning', () => {
    const file = join(temporaryFolder(), 'secret')
    expect(tightenFile(file)).toEqual([])
    writeFileSync(file, '', { mode: 0o644 })
    expect(tightenFile(file)).toEqual([
      `${file} was open to other users of this machine; it is closed to them now.`,
    ])
    expect([modeOf(file), tightenFile(file)]).toEqual(['600', []])
  })
})
