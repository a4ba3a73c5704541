import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { systemClock } from '../../points/clock.ts'
import { instant } from '../../points/instant.ts'
import { openEmbedded } from '../../store/embedded/open-embedded.ts'
import { lockFolder } from '../../store/embedded/lock.ts'
import { openSql } from '../../store/embedded/database.ts'
import { binaries, OPERATOR, ORG, startLab } from '../../store/influx/testing.ts'
import { systemRooms } from '../system-rooms.ts'
import { CLI_NOW, runCli } from '../testing/run-cli.ts'

const point = (value: number) => ({
  measurement: 'cpu',
  tags: { host: 'a' },
  fields: { usage_percent: value },
  at: instant(CLI_NOW - 60_000),
})

const folderWith = async (value: number | null) => {
  const folder = mkdtempSync(join(tmpdir(), 'perfwatch-restore-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  if (value !== null) {
    const store = openEmbedded({ folder, clock: systemClock })
    await store.write('metrics', [point(value)])
    await store.close()
  }
  return folder
}

const backupOf = async (value: number): Promise<string> => {
  const folder = await folderWith(value)
  const store = openEmbedded({ folder, clock: systemClock, readOnly: true })
  const file = join(folder, 'copy.db')
  await store.backup(file)
  await store.close()
  return file
}

const valueIn = async (folder: string, file?: string): Promise<number | undefined> => {
  if (file !== undefined) writeFileSync(join(folder, 'series.db'), readFileSync(file))
  const store = openEmbedded({ folder, clock: systemClock, readOnly: true })
  const [cpu] = await store.read({
    dataset: 'metrics',
    measurements: ['cpu'],
    tags: { host: 'a' },
    tier: 'raw',
    range: { from: instant(CLI_NOW - 120_000), to: CLI_NOW },
    beside: [],
  })
  await store.close()
  return cpu?.fields['usage_percent']?.value[0]
}

const restore = (folder: string, ...args: string[]) =>
  runCli(['restore', ...args], { rooms: systemRooms, environment: { DATA_DIR: folder } })

describe('a backup of the embedded store', () => {
  it('comes back into an empty folder', async () => {
    const file = await backupOf(1)
    const folder = await folderWith(null)
    expect(await restore(folder, file)).toEqual({
      code: 0,
      out: `The history is that of ${file}.\n`,
      err: '',
    })
    expect(await valueIn(folder)).toBe(1)
    expect(readdirSync(folder).filter((name) => name.startsWith('restore-'))).toEqual([])
  })

  it('takes the place of what is there only with --replace, and keeps that', async () => {
    const file = await backupOf(1)
    const folder = await folderWith(2)
    const refused = await restore(folder, file)
    expect(refused.code).toBe(1)
    expect(refused.err).toContain('with --replace it is moved aside')
    expect(await valueIn(folder)).toBe(2)
    const aside = join(folder, 'series.db.before-2025-01-18T120000Z')
    expect((await restore(folder, '--replace', file)).out).toContain(
      `What was there is ${aside} now.`,
    )
    expect(await valueIn(folder)).toBe(1)
    expect(await valueIn(await folderWith(null), aside)).toBe(2)
  })

  it.each([
    ['is not there', async () => '/nonexistent/copy.db', 'There is no /nonexistent/copy.db.'],
    [
      'is no database',
      async (file: string) => (writeFileSync(file, 'something else '.repeat(500)), file),
      'series.db',
    ],
    [
      'comes from a newer PerfWatch',
      async (file: string) => {
        const sql = openSql(file)
        sql.exec('PRAGMA user_version = 999')
        sql.close()
        return file
      },
      'newer PerfWatch',
    ],
    [
      'is damaged',
      async (file: string) => {
        const bytes = readFileSync(file)
        bytes.fill(0xff, 4_096, bytes.length)
        writeFileSync(file, bytes)
        return file
      },
      'damaged',
    ],
  ])('that %s changes nothing', async (_name, spoil, sentence) => {
    const file = await spoil(await backupOf(1))
    const folder = await folderWith(2)
    const before = readFileSync(join(folder, 'series.db'))
    const { code, err } = await restore(folder, '--replace', file)
    expect(code).toBe(1)
    expect(err).toContain(sentence)
    expect(readFileSync(join(folder, 'series.db')).equals(before)).toBe(true)
    expect(dirname(file)).not.toBe(folder)
  })

  it('waits for no server', async () => {
    const folder = await folderWith(2)
    const lock = lockFolder(folder)
    const { code, err } = await restore(folder, '--replace', await backupOf(1))
    lock.release()
    expect(code).toBe(1)
    expect(err).toContain('is in use by another PerfWatch')
  })
})

describe.skipIf(binaries === null || binaries.influx === null)('a backup of InfluxDB', () => {
  it('comes back whole into another server', { timeout: 60_000 }, async () => {
    const [from, to] = [await startLab(), await startLab()]
    onTestFinished(async () => {
      await from.end()
      await to.end()
    })
    const at = instant(systemClock.now() - 60_000)
    await (await from.open()).write('metrics', [{ ...point(7), at }])
    await to.open()
    const folder = join(from.folder, 'copy')
    const run = (url: string, args: readonly string[], dataDir: string) =>
      runCli(args, {
        rooms: systemRooms,
        clock: systemClock,
        environment: {
          DATA_DIR: dataDir,
          INFLUX_URL: url,
          INFLUX_TOKEN: OPERATOR,
          INFLUX_ORG: ORG,
        },
      })
    const path = process.env.PATH
    process.env.PATH = `${path}:${dirname(binaries?.influx ?? '')}`
    onTestFinished(() => void (process.env.PATH = path))
    expect(await run(from.server.url, ['backup', folder], from.folder)).toMatchObject({ code: 0 })
    expect(await run(to.server.url, ['restore', '--full', folder], to.folder)).toMatchObject({
      code: 0,
      err: '',
    })
    const rows = await to.admin.query(
      ORG,
      `from(bucket: "perfwatch") |> range(start: 0) |> filter(fn: (r) => r._field == "usage_percent") |> keep(columns: ["_value"])`,
    )
    expect(rows.map(({ _value }) => _value)).toEqual(['7'])
    expect((await run(to.server.url, ['restore', '/nonexistent'], to.folder)).err).toContain(
      'There is no /nonexistent.',
    )
  })
})
