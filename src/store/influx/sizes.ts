import { SECOND } from '../../points/instant.ts'
import { clientFor } from './client.ts'
import { remember } from './remembered.ts'

/** The files of a shard, and its log of writes: a bucket that gets little at a time has hours of it. */
const LINE = /^storage_(?:shard_disk|wal)_size\{bucket="([0-9a-f]{16})"[^}]*\} (\S+)$/gm
/** InfluxDB looks at its files every ten seconds; its page of metrics is long, so it is not asked more often. */
const FRESH_MS = 15 * SECOND

export type Sizes = {
  /** Bytes on the disk of the bucket with this id; 0 until InfluxDB has looked, or where it does not tell. */
  of(bucketId: string): Promise<number>
  /** Of all these buckets, as far as it is known without asking. */
  known(bucketIds: readonly string[]): number
}

/** True sizes, from InfluxDB's own metrics, which want no token. */
export const createSizes = (url: string, monotonic: () => number): Sizes => {
  const { transport } = clientFor({ url }, undefined)
  const book = remember({
    freshMs: FRESH_MS,
    monotonic,
    load: async () => {
      const page: unknown = await transport
        .request('/metrics', '', { method: 'GET' })
        // a server may keep its metrics to itself
        .catch(() => '')
      return bytesByBucket(typeof page === 'string' ? page : '')
    },
  })
  return {
    of: async (bucketId) => (await book.get()).get(bucketId) ?? 0,
    known: (bucketIds) => {
      // asked for behind, for the next time
      book.get().catch(() => undefined)
      return bucketIds.reduce((sum, id) => sum + (book.peek()?.get(id) ?? 0), 0)
    },
  }
}

/** A bucket is many shards. */
export const bytesByBucket = (page: string): ReadonlyMap<string, number> => {
  const bytes = new Map<string, number>()
  for (const [, bucket = '', size] of page.matchAll(LINE))
    bytes.set(bucket, (bytes.get(bucket) ?? 0) + Number(size))
  return bytes
}
