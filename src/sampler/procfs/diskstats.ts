import { scan } from '../scan.ts'

/** What a block device has counted; of 64 bits, milliseconds of 32. */
export type DiskCounters = {
  readonly name: string
  readonly reads: number
  readonly sectorsRead: number
  readonly msReading: number
  readonly writes: number
  readonly sectorsWritten: number
  readonly msWriting: number
  /** With at least one request open. */
  readonly msBusy: number
}

/** The kernel counts sectors of 512 bytes here, whatever the device's own are. */
export const SECTOR_BYTES = 512

/** `/proc/diskstats`, of the devices that `wanted` accepts by name. Newer kernels append columns; the first 14 stay. */
export const parseDiskstats = (
  text: string,
  wanted: (name: string) => boolean,
): readonly DiskCounters[] => {
  const disks: DiskCounters[] = []
  const line = scan(text)
  if (text === '') return disks
  do {
    line.number() // major
    line.number() // minor
    const name = line.word()
    if (name === '' || !wanted(name)) continue
    const reads = line.number()
    line.number() // merged
    const sectorsRead = line.number()
    const msReading = line.number()
    const writes = line.number()
    line.number() // merged
    const sectorsWritten = line.number()
    const msWriting = line.number()
    line.number() // open now
    const msBusy = line.number()
    disks.push({
      name,
      reads,
      sectorsRead,
      msReading,
      writes,
      sectorsWritten,
      msWriting,
      msBusy,
    })
  } while (line.nextLine())
  return disks
}
