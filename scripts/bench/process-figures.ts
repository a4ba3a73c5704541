import { readFileSync } from 'node:fs'

/** USER_HZ, which Linux has fixed at 100 for programs. */
const TICKS_PER_SECOND = 100

/** User and system time of a process so far: utime and stime of /proc/<pid>/stat, behind the name in brackets. */
export const cpuSeconds = (pid: number): number => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
}

/** What of a process is in memory now, mapped files included. */
export const residentMb = (pid: number): number => statusMb(pid, 'VmRSS')

/** Without mapped files, which the kernel takes back when it needs the memory. */
export const anonymousMb = (pid: number): number => statusMb(pid, 'RssAnon')

const statusMb = (pid: number, name: string): number =>
  Number(new RegExp(`${name}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) /
  1_000
