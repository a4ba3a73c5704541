import type { HostFiles } from '../host-files.ts'

/** Made of other devices (their traffic would count twice), of memory, or of removable media. */
const NOT_A_DISK = /^(?:dm-\d|md[\d_]|loop\d|ram\d|zram\d|sr\d|fd\d|drbd\d|bcache\d|zd\d)/

/**
 * Says whether a device of `/proc/diskstats` is a whole disk: the kernel lists those, and not their partitions, in
 * `/sys/block`. Without that folder a partition is what begins with the name of the disk before it.
 */
export const openWholeDisks = (files: HostFiles): ((name: string) => boolean) => {
  const answers = new Map<string, boolean>()
  let lastWhole = ''

  const ask = (name: string) => {
    const blocks = files.list('sys/block')
    if (blocks.length === 0) return !isPartOf(lastWhole, name)
    // a driver may have `/` in its names (cciss/c0d0); sysfs writes `!`
    const entry = name.replaceAll('/', '!')
    if (!blocks.includes(entry)) return false
    // one path of a multi-path NVMe drive; an empty card reader
    return (
      files.readOnce(`sys/block/${entry}/hidden`)?.trim() !== '1' &&
      files.readOnce(`sys/block/${entry}/size`)?.trim() !== '0'
    )
  }

  return (name) => {
    let answer = answers.get(name)
    if (answer === undefined) {
      if (answers.size > 4_000) answers.clear()
      answer = !NOT_A_DISK.test(name) && ask(name)
      answers.set(name, answer)
    }
    if (answer) lastWhole = name
    return answer
  }
}

const isPartOf = (disk: string, name: string): boolean =>
  disk !== '' && name.startsWith(disk) && /^p?\d+$/.test(name.slice(disk.length))
