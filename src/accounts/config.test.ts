import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { DEFAULT_CONFIG, mergeConfig, restoreConfig } from './config.ts'
import { openDatabase } from './open-database.ts'
import { openTemporary, refusalOf, temporaryFolder } from './testing.ts'

describe('a change of the config', () => {
  it.each([
    [{}],
    [{ sampling_interval_seconds: 1 }],
    [{ sampling_interval_seconds: 3600 }],
    [{ retention_days: 3650, downsample_after_days: 3650 }],
    [{ retention_days: 7 }],
    [{ downsample_after_days: 0 }],
    [{ downsample_interval: '5s' }],
    [{ events_retention_days: 0, logs_retention_days: 0, pushed_retention_days: 0 }],
    [{ archive_enabled: false, perf_events_enabled: false }],
    [{ perf_events_cpu_cores: '0' }],
    [{ perf_events_cpu_cores: '0-3,5,7-7' }],
    [{ perf_events_interval_ms: 100 }],
    [{ perf_events_interval_ms: 60_000 }],
  ])('%j is taken', (change) => {
    expect(mergeConfig(DEFAULT_CONFIG, change)).toEqual({ ...DEFAULT_CONFIG, ...change })
  })

  it('ignores unknown keys, also dangerous ones', () => {
    const change = JSON.parse(
      '{"__proto__":{"retention_days":1},"constructor":1,"app_version":"9","id":1,"retention_days":20}',
    )
    expect(mergeConfig(DEFAULT_CONFIG, change)).toEqual({ ...DEFAULT_CONFIG, retention_days: 20 })
  })

  const cores = 'perf_events_cpu_cores must be all or a list such as 0-3,5'
  const interval = 'Invalid downsample_interval. Must be one of: 1h, 1m, 5m, 5s'
  const days = 'downsample_after_days must be less than or equal to retention_days'
  it.each([
    [{ sampling_interval_seconds: 0 }, 'sampling_interval_seconds must be between 1 and 3600'],
    [{ sampling_interval_seconds: 3601 }, 'sampling_interval_seconds must be between 1 and 3600'],
    [{ sampling_interval_seconds: 1.5 }, 'sampling_interval_seconds must be a whole number'],
    [{ sampling_interval_seconds: '5' }, 'sampling_interval_seconds must be a whole number'],
    [{ sampling_interval_seconds: null }, 'sampling_interval_seconds must be a whole number'],
    [{ sampling_interval_seconds: NaN }, 'sampling_interval_seconds must be a whole number'],
    [{ retention_days: 0 }, 'retention_days must be between 1 and 3650'],
    [{ retention_days: -5 }, 'retention_days must be between 1 and 3650'],
    [{ retention_days: 3651 }, 'retention_days must be between 1 and 3650'],
    [{ retention_days: 1e300 }, 'retention_days must be a whole number'],
    [{ retention_days: '30' }, 'retention_days must be a whole number'],
    [{ retention_days: true }, 'retention_days must be a whole number'],
    [{ retention_days: [30] }, 'retention_days must be a whole number'],
    [{ retention_days: 6 }, days],
    [{ downsample_after_days: 31 }, days],
    [{ retention_days: 50, downsample_after_days: 51 }, days],
    [{ downsample_after_days: -1 }, 'downsample_after_days must be between 0 and 3650'],
    [{ downsample_interval: '2h' }, interval],
    [{ downsample_interval: '1H' }, interval],
    [{ downsample_interval: true }, interval],
    [{ archive_enabled: 'true' }, 'archive_enabled must be true or false'],
    [{ archive_enabled: 1 }, 'archive_enabled must be true or false'],
    [{ perf_events_enabled: null }, 'perf_events_enabled must be true or false'],
    [{ events_retention_days: 3651 }, 'events_retention_days must be between 0 and 3650'],
    [{ logs_retention_days: -1 }, 'logs_retention_days must be between 0 and 3650'],
    [{ pushed_retention_days: 0.5 }, 'pushed_retention_days must be a whole number'],
    [{ perf_events_interval_ms: 99 }, 'perf_events_interval_ms must be between 100 and 60000'],
    [{ perf_events_interval_ms: 60_001 }, 'perf_events_interval_ms must be between 100 and 60000'],
    [{ perf_events_cpu_cores: '' }, cores],
    [{ perf_events_cpu_cores: 'ALL' }, cores],
    [{ perf_events_cpu_cores: '3-1' }, cores],
    [{ perf_events_cpu_cores: '0,' }, cores],
    [{ perf_events_cpu_cores: '0 --help' }, cores],
    [{ perf_events_cpu_cores: '0\n' }, cores],
    [{ perf_events_cpu_cores: '99999' }, cores],
    [{ perf_events_cpu_cores: '0,'.repeat(200) + '0' }, cores],
    [{ perf_events_cpu_cores: 3 }, cores],
  ])('%j is refused: %s', async (change, detail) => {
    expect(await refusalOf(() => mergeConfig(DEFAULT_CONFIG, change))).toEqual({
      code: 'invalid',
      detail,
    })
  })
})

describe('a stored config', () => {
  it('is laid over the defaults; what is not valid is left out and named', () => {
    expect(restoreConfig({})).toEqual({ config: DEFAULT_CONFIG, dropped: [] })
    const stored = { retention_days: 5, downsample_after_days: 2, archive_enabled: 'yes', old: 1 }
    expect(restoreConfig(stored)).toEqual({
      config: { ...DEFAULT_CONFIG, retention_days: 5, downsample_after_days: 2 },
      dropped: ['archive_enabled'],
    })
  })

  it('that contradicts itself is used as far as it goes', () => {
    expect(restoreConfig({ retention_days: 5, downsample_after_days: 9 })).toEqual({
      config: { ...DEFAULT_CONFIG, downsample_after_days: 9 },
      dropped: ['retention_days'],
    })
  })
})

describe('the config', () => {
  it('begins with the defaults and the sampling interval of the first start', async () => {
    const folder = temporaryFolder()
    const first = await openTemporary({ folder, samplingIntervalSeconds: 10 })
    expect(first.accounts.config.get()).toEqual({
      ...DEFAULT_CONFIG,
      sampling_interval_seconds: 10,
    })
    await first.accounts.close()
    const second = await openTemporary({ folder, samplingIntervalSeconds: 20 })
    expect(second.accounts.config.get().sampling_interval_seconds).toBe(10)
    expect(second.warnings).toEqual([
      'SAMPLING_INTERVAL_SECONDS only counts at the first start and is ignored now; PUT /api/config changes the interval.',
    ])
  })

  it('is changed at once, told once, and kept', async () => {
    const folder = temporaryFolder()
    const { accounts } = await openTemporary({ folder })
    const told: unknown[] = []
    const stop = accounts.config.onChange((config) => told.push(config))
    const changed = { ...DEFAULT_CONFIG, retention_days: 60, perf_events_cpu_cores: '0-1' }
    const change = { retention_days: 60, perf_events_cpu_cores: '0-1', unknown: true }
    expect(await accounts.config.put(change)).toEqual(changed)
    expect(accounts.config.get()).toEqual(changed)
    expect(await accounts.config.put({})).toEqual(changed)
    expect(told).toEqual([changed])
    stop()
    await accounts.config.put({ archive_enabled: false })
    expect(told).toHaveLength(1)
    await accounts.close()
    const second = await openTemporary({ folder })
    expect(second.accounts.config.get()).toEqual({ ...changed, archive_enabled: false })
  })

  it('stays as it is when one of several changes is refused, and when it is only previewed', async () => {
    const { accounts } = await openTemporary()
    const told: unknown[] = []
    accounts.config.onChange((config) => told.push(config))
    const refused = { archive_enabled: false, retention_days: 0 }
    expect((await refusalOf(() => accounts.config.put(refused))).code).toBe('invalid')
    expect((await refusalOf(() => accounts.config.preview(refused))).code).toBe('invalid')
    expect(accounts.config.preview({ retention_days: 8 }).retention_days).toBe(8)
    expect(accounts.config.get()).toEqual(DEFAULT_CONFIG)
    expect(told).toEqual([])
  })

  it('keeps what another process has changed, and tells it', async () => {
    const folder = temporaryFolder()
    const server = await openTemporary({ folder })
    const cli = await openTemporary({ folder })
    const told: unknown[] = []
    server.accounts.config.onChange((config) => told.push(config))
    await cli.accounts.config.put({ retention_days: 60 })
    expect(server.accounts.config.get().retention_days).toBe(30)
    server.poll()
    expect(told).toEqual([{ ...DEFAULT_CONFIG, retention_days: 60 }])
    await cli.accounts.config.put({ logs_retention_days: 5 })
    // Without a poll between: the change is laid over what is in the file.
    const merged = await server.accounts.config.put({ archive_enabled: false })
    expect(merged).toEqual({
      ...DEFAULT_CONFIG,
      retention_days: 60,
      logs_retention_days: 5,
      archive_enabled: false,
    })
  })

  it('survives a file that somebody edited by hand, and says so once', async () => {
    const folder = temporaryFolder()
    const first = await openTemporary({ folder })
    await first.accounts.close()
    const db = openDatabase(join(folder, 'accounts.db'))
    db.run(`INSERT INTO config VALUES ('retention_days', '0'), ('archive_enabled', 'nonsense')`)
    db.close()
    const second = await openTemporary({ folder })
    expect(second.accounts.config.get()).toEqual(DEFAULT_CONFIG)
    await second.accounts.config.put({ logs_retention_days: 5 })
    expect(second.problems).toEqual([
      'The stored config has values that are not valid; defaults are used: retention_days, archive_enabled.',
    ])
  })
})
