import { disk } from '../../catalog/disk.ts'
import { format } from '../format.ts'
import { numberAt, type Data } from '../lines.ts'

const [mounts] = disk.series.filter(({ measurement }) => measurement === 'filesystem')
const [at = 'partitions'] = mounts?.layout.at ?? []

/** How full the file systems are. */
export const Partitions = ({ data }: { readonly data: Data | undefined }) => {
  const partitions = Object.entries((data?.[at] as Data | undefined) ?? {}).toSorted(([a], [b]) =>
    a < b ? -1 : 1,
  )
  return (
    <ul class="partitions" aria-label="File systems">
      {partitions.map(([mount, one]) => {
        const used = numberAt(one, ['used_bytes'])
        const total = numberAt(one, ['total_bytes'])
        const share = used === null || total === null || total === 0 ? 0 : used / total
        return (
          <li key={mount}>
            <span>{mount}</span>
            <meter min={0} max={1} high={0.85} optimum={0} value={share} aria-label={mount} />
            <span>
              {format('bytes', used)} of {format('bytes', total)}
            </span>
          </li>
        )
      })}
    </ul>
  )
}
