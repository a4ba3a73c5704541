import { expect, it } from 'vitest'
import { bytesByBucket } from './sizes.ts'

it('the size of a bucket is that of all its shards, and of what is still in their logs', () => {
  const line = (bucket: string, shard: number, bytes: string, of = 'shard_disk') =>
    `storage_${of}_size{bucket="${bucket}",engine="tsm1",id="${shard}",path="/x",walPath="/y"} ${bytes}`
  const page = [
    '# TYPE storage_shard_disk_size gauge',
    line('00000000000000aa', 1, '8.945661e+06'),
    line('00000000000000aa', 2, '100'),
    line('00000000000000bb', 3, '0'),
    line('00000000000000aa', 2, '5', 'wal'),
    'storage_wal_entries{bucket="00000000000000aa",id="1"} 7',
    'storage_shard_disk_size{bucket="no bucket",id="1"} 5',
  ].join('\n')
  expect(Object.fromEntries(bytesByBucket(page))).toEqual({
    '00000000000000aa': 8_945_766,
    '00000000000000bb': 0,
  })
  expect(bytesByBucket('').size).toBe(0)
})
