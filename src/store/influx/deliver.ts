import type { InfluxDB } from '@influxdata/influxdb-client'
import { verdictOf, type WriteVerdict } from './verdict.ts'

/** A write that takes longer is given up, connection and all: were it still done, it would be out of its turn. */
const DEADLINE_MS = 60_000

/** Compressing costs more than it saves where the bytes never leave the machine. */
const GZIP_FROM_BYTES = 64 * 1024

/**
 * Sends bodies of line protocol (nanoseconds) to one bucket, each once: what becomes of a body that does not get
 * through is the spool's business, so the write API of the client, which repeats by itself, is not used.
 */
export const createDelivery = (options: {
  /** The client of the moment: a token may be made anew. */
  readonly client: () => InfluxDB
  readonly url: string
  readonly org: string
  readonly bucket: string
}): ((body: Buffer) => Promise<WriteVerdict>) => {
  const target = new URLSearchParams({ org: options.org, bucket: options.bucket, precision: 'ns' })
  const path = `/api/v2/write?${target.toString()}`
  const { hostname } = new URL(options.url)
  const sending = {
    method: 'POST',
    headers: { 'content-type': 'text/plain; charset=utf-8' },
    ...(isLoopback(hostname) ? {} : { gzipThreshold: GZIP_FROM_BYTES }),
  }
  return async (body) => {
    try {
      const signal = AbortSignal.timeout(DEADLINE_MS)
      const { transport } = options.client()
      await transport.request(path, body.toString('utf8'), { ...sending, signal })
      return { kind: 'stored' }
    } catch (error) {
      return verdictOf(error)
    }
  }
}

const isLoopback = (hostname: string): boolean =>
  hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.')
