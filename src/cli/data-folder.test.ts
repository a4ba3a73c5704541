import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openTemporary } from '../accounts/testing.ts'
import { instant } from '../points/instant.ts'
import { ownHostName } from '../serve/host-name.ts'
import { parseSettings } from '../settings.ts'
import { lockFolder } from '../store/embedded/lock.ts'
import { SERIES_FILE } from '../store/embedded/schema.ts'
import { damageIn, factsOf, notesOn, openAccountsOf, openStoreOf } from './data-folder.ts'
import { systemRooms } from './system-rooms.ts'

const setUp = (environment: Readonly<Record<string, string>> = {}) => {
  const folder = mkdtempSync(join(tmpdir(), 'perfwatch-folder-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return { folder, settings: parseSettings({ DATA_DIR: folder, ...environment }) }
}

const AT = instant(Date.UTC(2025, 0, 18, 10))
const point = { measurement: 'cpu', tags: { host: 'a' }, fields: { usage_percent: 1 }, at: AT }

describe('a folder without a server', () => {
  it('has no accounts, and looking for them makes none', async () => {
    const { folder, settings } = setUp()
    await expect(openAccountsOf(settings)).rejects.toThrow(
      `There are no accounts in ${folder} yet: start the server once, or name its data folder with --data-dir or DATA_DIR.`,
    )
    await expect(openStoreOf(settings, 'read')).rejects.toThrow('there is no series.db')
    expect(readdirSync(folder)).toEqual([])
  })

  it('that is not there is not made by reading', async () => {
    const { folder, settings } = setUp({ DATA_DIR: '/nonexistent/data' })
    await expect(openStoreOf(settings, 'read')).rejects.toThrow('there is no series.db')
    expect(await systemRooms.serverRuns('/nonexistent/data')).toBe(false)
    expect(existsSync(join(folder, 'server.lock'))).toBe(false)
  })

  it('has the facts that a server would begin with', async () => {
    const { settings } = setUp({ HOST_NAME: 'web-1' })
    expect(await factsOf(settings)).toEqual({ host: 'web-1', samplingIntervalMs: 5_000 })
  })
})

it('the facts of a folder are those of its server, also after the machine was renamed', async () => {
  const { accounts, folder } = await openTemporary()
  await ownHostName(accounts.facts, undefined, 'as-it-was')
  await accounts.config.put({ sampling_interval_seconds: 10 })
  const settings = parseSettings({ DATA_DIR: folder })
  expect(await factsOf(settings)).toEqual({ host: 'as-it-was', samplingIntervalMs: 10_000 })
  expect(await factsOf(parseSettings({ DATA_DIR: folder, HOST_NAME: 'new' }))).toMatchObject({
    host: 'new',
  })
})

describe('the store of a folder', () => {
  it('is written under the lock of a server, and read without it', async () => {
    const { folder, settings } = setUp()
    const writer = await openStoreOf(settings, 'write')
    await writer.write('metrics', [point])
    expect(await systemRooms.serverRuns(folder)).toBe(true)
    await expect(openStoreOf(settings, 'write')).rejects.toThrow('is in use by another PerfWatch')

    const reader = await openStoreOf(settings, 'read')
    expect(await reader.newest('a')).toBe(AT)
    await expect(reader.write('metrics', [point])).rejects.toThrow('for reading only')
    await reader.close()

    await writer.close()
    expect(await systemRooms.serverRuns(folder)).toBe(false)
  })

  it('gives the lock back when it cannot be opened', async () => {
    const { folder, settings } = setUp()
    writeFileSync(
      join(folder, SERIES_FILE),
      'not a database at all, but long enough to be read as one'.repeat(20),
    )
    await expect(openStoreOf(settings, 'write')).rejects.toThrow('series.db')
    lockFolder(folder).release()
  })

  it('is InfluxDB where it has the history; the past in the folder is told', async () => {
    const { folder, settings } = setUp({ INFLUX_URL: 'http://127.0.0.1:1' })
    for (const access of ['read', 'write'] as const)
      await expect(openStoreOf(settings, access)).rejects.toThrow(
        'nothing answers at http://127.0.0.1:1',
      )
    lockFolder(folder).release()
    expect(notesOn(settings)).toEqual([])
    writeFileSync(join(folder, SERIES_FILE), '')
    expect(notesOn(settings)).toEqual([
      {
        says: `The history of the embedded store is still in ${folder}/series.db and is not shown.`,
        advice: expect.stringContaining('perfwatch copy --from embedded --to influx'),
      },
    ])
    expect(notesOn(parseSettings({ DATA_DIR: folder }))).toEqual([])
  })

  it('is whole, or damaged and then left as it is', async () => {
    const { folder, settings } = setUp()
    const store = await openStoreOf(settings, 'write')
    await store.write('metrics', [point])
    await store.close()
    expect(damageIn(settings)).toBeNull()
    writeFileSync(join(folder, SERIES_FILE), 'garbage'.repeat(1000))
    expect(damageIn(settings)).toBe('SQLITE_NOTADB')
  })
})
