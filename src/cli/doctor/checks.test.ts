import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { DAY, HOUR, instant } from '../../points/instant.ts'
import type { Sample } from '../../points/sample.ts'
import { makeSyntheticHost } from '../seed/synthetic-host.ts'
import { CLI_NOW } from '../testing/run-cli.ts'
import { clockCheck } from './clock-check.ts'
import { collectorsCheck } from './collectors-check.ts'
import { dataFolderCheck } from './data-folder-check.ts'
import type { Check } from './finding.ts'
import { nodeVersion } from './node-version.ts'
import { perfCheck } from './perf-check.ts'
import { portCheck } from './port-check.ts'
import { runChecks } from './run-checks.ts'
import { no, said, yes } from './testing.ts'
import { settingsCheck } from './settings-check.ts'

const temporaryFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'perfwatch-doctor-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

it('a check that throws is a finding, and the others go on', async () => {
  const bad: Check = { name: 'Bad', run: () => Promise.reject(new TypeError('oh\nno')) }
  const fine: Check = {
    name: 'Fine',
    run: async () => [{ check: 'Fine', state: 'ok', says: 'yes' }],
  }
  expect(await runChecks([bad, fine])).toEqual([
    { check: 'Bad', state: 'broken', says: 'Unexpected failure: oh' },
    { check: 'Fine', state: 'ok', says: 'yes' },
  ])
})

it.each([
  ['v20.19.0', 'ok: v20.19.0'],
  ['v24.1.0', 'ok: v24.1.0'],
  ['v20.18.3', 'broken: v20.18.3 is too old.'],
  ['v18.20.0', 'broken: v18.20.0 is too old.'],
])('Node %s', async (version, finding) => {
  expect(await said(nodeVersion(version))).toEqual([finding])
})

describe('settings', () => {
  it.each([
    [{}, ['ok: valid']],
    [{ HOST: '::1' }, ['ok: valid']],
    [
      { PORT: 'x', JWT_SECRET: 'short' },
      [
        'broken: PORT: must be a whole number from 0 to 65535.',
        'broken: JWT_SECRET: must be at least 32 bytes long; leave it out and one is made and kept in DATA_DIR.',
      ],
    ],
    [
      { JWT_SECRET_FILE: '/nonexistent' },
      ['broken: JWT_SECRET_FILE: /nonexistent cannot be read; give the path of a readable file.'],
    ],
    [{ PERFWATCH_URL: 'x' }, ['broken: PERFWATCH_URL: must be an http or https URL.']],
    [
      { HOST: '0.0.0.0' },
      ['note: HOST 0.0.0.0 lets other machines in, and passwords cross the network unencrypted.'],
    ],
    [{ HOST: '0.0.0.0', TRUSTED_PROXIES: '10.0.0.1' }, ['ok: valid']],
    [
      { METRICS_PUBLIC: '1' },
      ['note: METRICS_PUBLIC shows the figures of this host to everyone who reaches the port.'],
    ],
    [
      { CORS_ORIGINS: '*' },
      ['note: CORS_ORIGINS * lets every web page ask the API in its visitors’ name.'],
    ],
    [{ ADMIN_PASSWORD: 'admin123' }, ['note: ADMIN_PASSWORD is short.']],
    [{ INFLUX_TOKEN: 'x' }, ['note: INFLUX_TOKEN is set without INFLUX_URL, so it is not used.']],
  ])('%j', async (environment, findings) => {
    expect(await said(settingsCheck(environment))).toEqual(findings)
  })

  it('name a secret that is set twice, and show neither', async () => {
    const file = join(temporaryFolder(), 'secret')
    writeFileSync(file, 'a secret from a file')
    const environment = { ADMIN_PASSWORD: 'a secret from here', ADMIN_PASSWORD_FILE: file }
    expect(await said(settingsCheck(environment))).toEqual([
      'note: ADMIN_PASSWORD and ADMIN_PASSWORD_FILE are both set; the file counts.',
    ])
  })
})

describe('the data folder', () => {
  it('that is not there yet is no failure', async () => {
    expect(await said(dataFolderCheck('/nonexistent/data', no))).toEqual([
      'absent: /nonexistent/data is not there yet.',
    ])
  })

  it('that is a file is one', async () => {
    const file = join(temporaryFolder(), 'file')
    writeFileSync(file, '')
    expect(await said(dataFolderCheck(file, no))).toEqual([`broken: ${file} is no folder.`])
  })

  it('is sized, and should be closed to others', async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'series.db'), Buffer.alloc(2048))
    expect(await said(dataFolderCheck(folder, yes))).toEqual([
      `ok: ${folder}, 2.0 KiB`,
      expect.stringMatching(/are free/),
      'ok: runs on this data folder',
    ])
    chmodSync(folder, 0o755)
    expect(await said(dataFolderCheck(folder, no))).toEqual([
      `ok: ${folder}, 2.0 KiB`,
      `note: ${folder} is open to other users of this machine.`,
      expect.stringMatching(/are free/),
      'absent: does not run on this data folder.',
    ])
  })
})

describe('the port', () => {
  it('is free, taken by another program, or by our server', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve)
    })
    const { port: PORT } = server.address() as AddressInfo
    const settings = { HOST: '127.0.0.1', PORT }
    expect(await said(portCheck(settings, no))).toEqual([
      `broken: 127.0.0.1:${PORT} is in use by another program.`,
    ])
    expect(await said(portCheck(settings, yes))).toEqual([
      `ok: 127.0.0.1:${PORT} is in use while the server runs`,
    ])
    await new Promise((resolve) => {
      server.close(resolve)
    })
    expect(await said(portCheck(settings, no))).toEqual([`ok: 127.0.0.1:${PORT} is free`])
  })

  it('of a host that is no address of this machine', async () => {
    expect(await said(portCheck({ HOST: '192.0.2.1', PORT: 8000 }, no))).toEqual([
      'broken: HOST 192.0.2.1 is no address of this machine.',
    ])
  })
})

describe('the clock', () => {
  const clock = (wall: number, drift = 0) => {
    let calls = 0
    return {
      now: () => instant(wall + (calls > 0 ? drift : 0)),
      monotonic: () => {
        calls += 1
        return 0
      },
    }
  }
  const check = (wall: number, drift: number, newest: number | null) =>
    said(
      clockCheck(
        clock(wall, drift),
        async () => {},
        async () => (newest === null ? null : instant(newest)),
      ),
    )

  it.each([
    [CLI_NOW, 0, null, 'ok: 2025-01-18T12:00:00Z'],
    [CLI_NOW, 30, CLI_NOW, 'ok: 2025-01-18T12:00:00.030Z'],
    [CLI_NOW, 0, CLI_NOW - DAY, 'ok: 2025-01-18T12:00:00Z'],
    [CLI_NOW, -400, null, 'note: It was set by 400 ms while it was watched.'],
    [
      CLI_NOW,
      0,
      CLI_NOW + HOUR,
      'broken: The newest sample is of 2025-01-18T13:00:00Z, which is still to come: the clock was set back.',
    ],
    [0, 0, null, 'broken: It says 1970-01-01T00:00:00Z.'],
  ])('%d, off by %d, newest %s', async (wall, drift, newest, finding) => {
    expect(await check(wall, drift, newest)).toEqual([finding])
  })
})

describe('the collectors', () => {
  const whole = makeSyntheticHost({ host: 'here', seed: 1 }).sampleAt(CLI_NOW)
  const check = (sample: Sample) => said(collectorsCheck(async () => sample))

  it('that read everything are all fine', async () => {
    expect(await check(whole)).toEqual([
      'ok: 5 rows',
      'ok: 1 row',
      'ok: 4 rows',
      'ok: 5 rows',
      'ok: 1 row',
      'ok: 1 row',
      'ok: 1 row',
    ])
  })

  it('say what is missing and why, and what failed', async () => {
    const sample: Sample = {
      ...whole,
      readings: {
        cpu: {
          kind: 'ok',
          rows: [
            {
              measurement: 'cpu',
              fields:
                whole.readings.cpu?.kind === 'ok' ? (whole.readings.cpu.rows[0]?.fields ?? {}) : {},
            },
            {
              measurement: 'cpu_core',
              key: '0',
              fields: { usage_percent: 1, frequency_mhz: null, temperature_celsius: null },
            },
          ],
        },
        disk: {
          kind: 'ok',
          rows: [
            { measurement: 'disk', fields: { read_bytes_per_sec: 1, write_bytes_per_sec: 1 } },
          ],
        },
        pressure: { kind: 'unavailable', reason: 'The kernel has no pressure stall information.' },
      },
      errors: [{ collector: 'memory', message: '/proc/meminfo cannot be read.' }],
    }
    expect(await check(sample)).toEqual([
      'ok: 2 rows',
      'absent: frequency_mhz is not measured: there is no cpufreq, as is usual in virtual machines',
      expect.stringMatching(/^absent: temperature_celsius is not measured: there is no sensor/),
      'broken: /proc/meminfo cannot be read.',
      'broken: was not read.',
      'ok: 1 row',
      'absent: there is no disk_device here',
      'absent: there is no filesystem here',
      'broken: was not read.',
      'absent: The kernel has no pressure stall information.',
      'broken: was not read.',
    ])
  })
})

describe('perf', () => {
  const report = {
    version: '6.1',
    paranoid: 2,
    vendor: 'other',
    ipc: false,
    extras: [],
    reason: null,
    advice: ['Do this.'],
  } as const

  it('tells what it counts and what not', async () => {
    const events = [
      { event: 'cpu-clock', counted: true, why: null },
      { event: 'cycles', counted: false, why: 'no' },
    ] as const
    expect(await said(perfCheck(async () => ({ ...report, available: true, events })))).toEqual([
      'ok: perf 6.1 counts 1 of 2 events',
      'absent: not counted: cycles',
      'absent: Do this.',
    ])
  })

  it('that cannot count is no failure of ours', async () => {
    const unavailable = {
      ...report,
      available: false,
      reason: 'perf is not installed.',
      events: [],
    }
    expect(await said(perfCheck(async () => unavailable))).toEqual([
      'absent: perf is not installed.',
    ])
  })
})
