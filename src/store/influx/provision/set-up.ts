import { SetupAPI } from '@influxdata/influxdb-client-apis'
import { bucketName } from '../buckets.ts'
import { clientFor, type Server } from '../client.ts'
import { reasonOf, statusOf } from '../failures.ts'
import { setup } from './lacks.ts'
import type { KeptTokens } from './tokens-file.ts'

export const RAW_METRICS = { dataset: 'metrics', tier: 'raw' } as const

const ACCOUNT = 'perfwatch'

type Options = {
  readonly server: Server
  /** INFLUX_TOKEN: becomes the operator token of a new server. */
  readonly token: string | undefined
  readonly kept: KeptTokens
  readonly save: (tokens: KeptTokens) => Promise<void>
  readonly randomText: () => string
}

/**
 * Sets a new InfluxDB up; true: it was new. The token is ours to choose and is on the disk before InfluxDB hears
 * it, so that a crash in between cannot lock us out. `kept` is given back as it was saved.
 */
export const setUp = async (
  options: Options,
): Promise<{ readonly kept: KeptTokens; readonly wasNew: boolean }> => {
  const { server } = options
  const api = new SetupAPI(clientFor(server, undefined))
  let allowed: boolean
  try {
    allowed = (await api.getSetup()).allowed === true
  } catch (error) {
    throw setup(
      `INFLUX_URL: what answers at ${server.url} is no InfluxDB 2 (${reasonOf(error)}).`,
      error,
    )
  }
  if (!allowed) return { kept: options.kept, wasNew: false }
  const operator = {
    username: ACCOUNT,
    password: options.kept.operator?.password ?? options.randomText(),
    token: options.token ?? options.kept.operator?.token ?? options.randomText(),
  }
  const kept = { ...options.kept, operator }
  await options.save(kept)
  try {
    await api.postSetup({
      body: {
        ...operator,
        org: server.org,
        bucket: bucketName(server.prefix, RAW_METRICS),
        retentionPeriodSeconds: 0,
      },
    })
    return { kept, wasNew: true }
  } catch (error) {
    // somebody else has set it up between our two requests
    if (statusOf(error) !== 422) throw error
    await options.save(options.kept)
    return { kept: options.kept, wasNew: false }
  }
}
