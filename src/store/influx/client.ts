import { InfluxDB } from '@influxdata/influxdb-client'

/** Where InfluxDB is, and whose data is ours in it. */
export type Server = {
  /** INFLUX_URL. */
  readonly url: string
  /** INFLUX_ORG. */
  readonly org: string
  /** INFLUX_BUCKET_PREFIX. */
  readonly prefix: string
}

/** How long a connection may be silent before it is given up. */
export const SILENCE_MS = {
  /** Provisioning, writes. */
  request: 15_000,
  /** Queries, which have a deadline of their own. */
  query: 30_000,
  /** A rollup of many hosts computes for long before it answers. */
  rollup: 300_000,
} as const

/** The client for one token; without one for what needs none. It holds no connection of its own. */
export const clientFor = (
  { url }: Pick<Server, 'url'>,
  token: string | undefined,
  timeout: number = SILENCE_MS.request,
): InfluxDB => new InfluxDB(token === undefined ? { url, timeout } : { url, token, timeout })
