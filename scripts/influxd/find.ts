import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'

export const INFLUXD_VERSION = '2.9.1'

/** The server, and the CLI where it was found beside it. */
export type InfluxBinaries = { readonly influxd: string; readonly influx: string | null }

type Environment = Readonly<Record<string, string | undefined>>

/** Where what was fetched or built is kept, one folder a version. */
export const cacheFolder = (environment: Environment): string =>
  join(
    environment.PERFWATCH_CACHE ??
      join(environment.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'perfwatch'),
    `influxdb-${INFLUXD_VERSION}`,
  )

/**
 * The first influxd of version 2 on this machine: `INFLUXD_BIN`, then the PATH, then our cache; null: none. An
 * influxd 1.x on the PATH is passed over, it is another product.
 */
export const findInflux = (environment: Environment): InfluxBinaries | null => {
  const named = environment.INFLUXD_BIN
  const folders = [
    ...(environment.PATH ?? '').split(delimiter).filter((folder) => folder !== ''),
    cacheFolder(environment),
  ]
  const servers = [
    ...(named === undefined || named === '' ? [] : [named]),
    ...folders.map((folder) => join(folder, 'influxd')),
  ]
  const influxd = servers.find((file) => isExecutable(file) && isVersion2(file))
  if (influxd === undefined) return null
  const clients = [dirname(influxd), ...folders].map((folder) => join(folder, 'influx'))
  return { influxd, influx: clients.find(isExecutable) ?? null }
}

const isExecutable = (file: string): boolean => {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

const isVersion2 = (file: string): boolean => {
  const { stdout } = spawnSync(file, ['version'], { encoding: 'utf8', timeout: 10_000 })
  return /InfluxDB v?2\./.test(stdout ?? '')
}
