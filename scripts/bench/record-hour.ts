import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { HOST_MEASUREMENTS } from '../../src/catalog/catalog.ts'
import { HOUR, instant } from '../../src/points/instant.ts'
import { openEmbedded } from '../../src/store/embedded/open-embedded.ts'
import { RECORDED_HOUR, type RecordedSeries } from './recorded-hour.ts'

/*
 * Makes the recording that the bench of the embedded store replays:
 *   npx tsx scripts/bench/record-hour.ts DATA_DIR START
 * from a data folder that a server has written for over an hour, at its usual interval. START is the ISO time of a
 * whole hour. Only the tag `host` is left out: look at the mounts and interfaces before it is committed.
 */
const [folder = '.', start = ''] = process.argv.slice(2)
const from = instant(Date.parse(start))
const store = openEmbedded({
  folder,
  readOnly: true,
  clock: { now: () => instant(Date.now()), monotonic: () => performance.now() },
})
const rows = await store.read({
  dataset: 'metrics',
  measurements: HOST_MEASUREMENTS,
  tags: {},
  tier: 'raw',
  range: { from, to: instant(from + HOUR) },
  beside: [],
})
await store.close()
const recorded = rows.map(({ measurement, tags, at, fields }) => ({
  measurement,
  tags: Object.fromEntries(Object.entries(tags).filter(([tag]) => tag !== 'host')),
  at: Array.from(at, (time) => time - from),
  fields: Object.fromEntries(
    Object.entries(fields).map(([name, { value }]) => [
      name,
      Array.from(value, (one) => (Number.isNaN(one) ? null : one)),
    ]),
  ),
})) satisfies RecordedSeries[]
writeFileSync(
  fileURLToPath(RECORDED_HOUR),
  gzipSync(JSON.stringify({ start, series: recorded }), { level: 9 }),
)
