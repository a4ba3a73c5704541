import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../points/clock.ts'
import { instant } from '../../points/instant.ts'
import { startFakeHttp } from '../../testing/fake-http.ts'
import { point, question } from '../contract/questions.ts'
import { openInflux } from './open-influx.ts'
import { bytesByBucket } from './sizes.ts'
import { binaries, startLab, type Lab } from './testing.ts'

const now = instant(Math.floor(Date.now() / 1_000) * 1_000 - 10_000)

describe('opening the store on InfluxDB', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'perfwatch-influx-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  const open = (url: string) =>
    openInflux({
      server: { url, org: 'perfwatch', prefix: 'perfwatch' },
      token: 'token',
      mode: 'auto',
      folder,
      clock: systemClock,
      policy: [],
    })

  it('for the first time needs it to be there', async () => {
    const gone = await startFakeHttp(() => undefined)
    await gone.close()
    await expect(open(gone.url)).rejects.toMatchObject({
      name: 'AppError',
      code: 'setup',
      message: expect.stringContaining(`INFLUX_URL: nothing answers at ${gone.url}`) as unknown,
    })
  })

  it('needs it to be InfluxDB 2', async () => {
    const old = await startFakeHttp((_, response) =>
      response.writeHead(204, { 'x-influxdb-version': '1.8.10' }).end(),
    )
    await expect(open(old.url)).rejects.toMatchObject({ code: 'setup' })
    await old.close()
  })
})

describe.skipIf(binaries === null)('the store on a real InfluxDB', () => {
  let lab: Lab
  beforeAll(async () => {
    lab = await startLab(['--no-tasks'])
  })
  afterAll(() => lab.end())

  it('takes no call after it was closed, and closes once', async () => {
    const store = await lab.open()
    await store.write('metrics', [point(now, { user: 1 })])
    await Promise.all([store.close(), store.close()])
    await expect(store.write('metrics', [point(now, { user: 2 })])).rejects.toMatchObject({
      code: 'unavailable',
    })
    await expect(store.read(question())).rejects.toMatchObject({ code: 'unavailable' })
  })

  it('works with what somebody else provides, by the one token that it is given', async () => {
    const ours = await lab.open()
    await ours.write('metrics', [point(now, { user: 1 })])
    await ours.close()
    const store = await lab.open({ mode: 'check' })
    await store.write('metrics', [point(now, { user: 2 })])
    await store.rollUp()
    const [answer] = await store.read(question({ fields: ['user'] }))
    expect([...(answer?.fields['user']?.value ?? [])]).toEqual([2])
    expect(await store.newest('alpha')).toBe(now)
    await store.close()
  })

  it('says the true size of its files, once InfluxDB has looked at them', async () => {
    const store = await lab.open()
    await store.write('pushed', [{ measurement: 'm', tags: {}, fields: { f: 1 }, at: now }])
    const { bytes, points } = await store.extent('pushed', 'raw')
    expect(points).toBe(1)
    expect(bytes).toBeGreaterThan(0)
    const page = await (await fetch(`${lab.server.url}/metrics`)).text()
    expect([...bytesByBucket(page).keys()].every((id) => /^[0-9a-f]{16}$/.test(id))).toBe(true)
    await store.close()
  })

  describe('backs itself up by the command of InfluxDB', () => {
    const to = () => join(lab.folder, `copy-${Math.random()}`)

    it('into a new folder, and says what is missing', async () => {
      const store = await lab.open(lab.server.cli === null ? {} : { cli: lab.server.cli })
      await expect(store.backup(lab.folder)).rejects.toMatchObject({ code: 'conflict' })
      if (lab.server.cli !== null) {
        const folder = to()
        await store.backup(folder)
        expect(readdirSync(folder).some((name) => name.endsWith('.manifest'))).toBe(true)
      }
      await store.close()
    })

    it('which may not be there, or fail', async () => {
      const without = await lab.open({ cli: '/nowhere/influx' })
      const folder = to()
      await expect(without.backup(folder)).rejects.toMatchObject({
        code: 'unavailable',
        message: expect.stringContaining('install the influx CLI') as unknown,
      })
      expect(existsSync(folder)).toBe(false)
      await without.close()
      const broken = join(lab.folder, 'broken')
      writeFileSync(broken, '#!/bin/sh\necho "Error: $INFLUX_TOKEN is wrong" >&2\nexit 1\n')
      chmodSync(broken, 0o700)
      const store = await lab.open({ cli: broken, path: '/usr/bin:/bin' })
      await expect(store.backup(to())).rejects.toMatchObject({
        code: 'unavailable',
        // no secret in any sentence
        message: expect.stringContaining('`influx backup` failed: … is wrong') as unknown,
      })
      await store.close()
    })
  })
})
