import { expect, it } from 'vitest'
import { bytesByBucket } from './sizes.ts'

it('the size of a bucket is that of all its shards', () => {
  const line = (bucket: string, shard: number, bytes: string) =>
    `storage_shard_disk_size{bucket="${bucket}",engine="tsm1",id="${shard}",path="/x",walPath="/y"} ${bytes}`
  const page = [
    '# TYPE storage_shard_disk_size gauge',
    line('00000000000000aa', 1, '8.945661e+06'),
    line('00000000000000aa', 2, '100'),
    line('00000000000000bb', 3, '0'),
    'storage_wal_size{bucket="00000000000000aa",id="1"} 5',
    'storage_shard_disk_size{bucket="no bucket",id="1"} 5',
  ].join('\n')
  expect(Object.fromEntries(bytesByBucket(page))).toEqual({
    '00000000000000aa': 8_945_761,
    '00000000000000bb': 0,
  })
  expect(bytesByBucket('').size).toBe(0)
})
