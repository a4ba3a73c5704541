import type { HostFiles, HostPath } from './host-files.ts'
import { known } from './rates.ts'
import { scan } from './scan.ts'

/** What one glance may cost the event loop, in milliseconds. */
const BUDGET_MS = 5
/** One slow glance may be chance (the process was not given the processor); this many in a row are not. */
const SLOW_GLANCES = 2

/** The numbers of many small files, in their order; undefined and null where there is none. */
export type Glance = (paths: readonly (HostPath | undefined)[]) => readonly (number | null)[]

/**
 * Reads one number out of each of many files of `/sys`, at once while that is quick. It need not be: kernels 4.13 to
 * 5.17 sleep 10 ms in each `scaling_cur_freq`, and a sensor may wake a sleeping core. What goes beyond the budget is
 * null; when that happens again, reading moves to the thread pool for good, and each glance shows what the one
 * before it found.
 */
export const openGlance = (
  files: Pick<HostFiles, 'tryRead' | 'pieces'>,
  monotonic: () => number,
): Glance => {
  let slowGlances = 0
  let found = new Map<HostPath, number>()
  let reading = false

  const readBehind = async (paths: readonly (HostPath | undefined)[]) => {
    reading = true
    const next = new Map<HostPath, number>()
    for (const path of paths) {
      if (path === undefined) continue
      try {
        let text = ''
        for await (const piece of files.pieces(path)) text += piece
        next.set(path, scan(text).number())
      } catch {
        // a sensor that cannot be read is null, as it is when read at once
      }
    }
    found = next
    reading = false
  }

  const readNow = (paths: readonly (HostPath | undefined)[]) => {
    const end = monotonic() + BUDGET_MS
    let late = false
    const values = paths.map((path) => {
      if (path === undefined || late) return null
      const text = files.tryRead(path)
      late = monotonic() > end
      return text === undefined ? null : known(scan(text).number())
    })
    slowGlances = late ? slowGlances + 1 : 0
    return values
  }

  return (paths) => {
    if (slowGlances < SLOW_GLANCES) return readNow(paths)
    const values = paths.map((path) => (path === undefined ? null : known(found.get(path))))
    if (!reading) void readBehind(paths)
    return values
  }
}
