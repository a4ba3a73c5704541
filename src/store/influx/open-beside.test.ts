import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { systemClock } from '../../points/clock.ts'
import { HOUR, instant, MINUTE, windowStart } from '../../points/instant.ts'
import type { Point } from '../../points/point.ts'
import type { SeriesStore } from '../store.ts'
import { openInfluxBeside } from './open-beside.ts'
import { binaries, OPERATOR, ORG, startLab, type Lab } from './testing.ts'

const HOUR_AGO = windowStart(systemClock.now() - 3 * HOUR, HOUR)
const row = (minute: number, value: number): Point => ({
  measurement: 'cpu',
  tags: { host: 'a' },
  fields: { usage_percent: value },
  at: instant(HOUR_AGO + minute * MINUTE),
})

describe.skipIf(binaries === null)('InfluxDB beside a server', () => {
  let lab: Lab
  let server: SeriesStore
  let beside: SeriesStore

  const open = (folder: string) =>
    openInfluxBeside({
      server: { url: lab.server.url, org: ORG, prefix: 'perfwatch' },
      token: undefined,
      mode: 'auto',
      folder,
      clock: systemClock,
      policy: [],
    })

  beforeAll(async () => {
    lab = await startLab()
    server = await lab.open()
    await server.write('metrics', [row(0, 1), row(1, 3)])
    await server.rollUp()
    beside = await open(lab.folder)
  }, 60_000)
  afterAll(async () => {
    await beside.close()
    await lab.end()
  })

  const hours = () =>
    beside.read({
      dataset: 'metrics',
      measurements: ['cpu'],
      tags: { host: 'a' },
      tier: '1h',
      range: { from: HOUR_AGO, to: instant(HOUR_AGO + HOUR) },
      beside: ['n'],
    })

  it('answers as the server does', async () => {
    expect(await beside.hosts()).toEqual(await server.hosts())
    expect(await beside.measurements('metrics')).toEqual(['cpu'])
    expect((await hours())[0]?.fields['usage_percent']).toEqual({
      value: new Float64Array([2]),
      n: new Float64Array([2]),
    })
    // what the spool has noted as dirty on the disk is cleared there a little later
    const { '1h': seen } = await beside.coverage('metrics', 'a')
    const { '1h': known } = await server.coverage('metrics', 'a')
    expect({ ...seen, dirty: [] }).toEqual(known)
  })

  it('rolls a range up again that something else has written in', async () => {
    await lab.admin.write(ORG, 'perfwatch', [
      `cpu,host=a usage_percent=8 ${HOUR_AGO + 30 * MINUTE}`,
    ])
    const range = { from: HOUR_AGO, to: instant(HOUR_AGO + HOUR) }
    expect(await beside.rollUp(range)).toBeGreaterThan(0)
    expect((await hours())[0]?.fields['usage_percent']).toEqual({
      value: new Float64Array([4]),
      n: new Float64Array([3]),
    })
  })

  it('leaves the last hour to the tasks', async () => {
    const now = systemClock.now()
    expect(await beside.rollUp({ from: windowStart(now, HOUR), to: instant(now) })).toBe(0)
  })

  it('takes no points and changes no retention', async () => {
    await expect(beside.write('metrics', [row(2, 1)])).rejects.toThrow('questions and rollups only')
    await expect(beside.applyRetention([])).rejects.toThrow('questions and rollups only')
    await expect(beside.removeHost('a')).rejects.toThrow('questions and rollups only')
  })

  it('says of a task that it does not run', async () => {
    expect(beside.health().problems).toEqual([])
    const orgID = await lab.admin.orgId(ORG)
    const { tasks } = await lab.admin.call<{ tasks: { id: string; name: string }[] }>(
      'GET',
      `/api/v2/tasks?orgID=${orgID}`,
    )
    const task = tasks.find(({ name }) => name === 'perfwatch-1m')
    await lab.admin.call('PATCH', `/api/v2/tasks/${task?.id}`, { status: 'inactive' })
    const other = await openInfluxBeside({
      server: { url: lab.server.url, org: ORG, prefix: 'perfwatch' },
      token: OPERATOR,
      mode: 'auto',
      folder: lab.folder,
      clock: systemClock,
      policy: [],
    })
    expect(other.health().problems).toEqual(['The task perfwatch-1m is not active.'])
    await other.close()
  })

  it('wants a folder whose server has been there', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'perfwatch-beside-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    await expect(open(folder)).rejects.toThrow('start the server once')
  })
})
