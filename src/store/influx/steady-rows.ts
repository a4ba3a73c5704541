const COMMA = 44
const QUOTE = 34
const LF = 10
/** Before the columns that vary every table has: nothing, the result, the table. */
const OWN = 3

/**
 * Rows of one table differ in time and value only; what stands before and behind these is the same bytes, and is not
 * searched again. Fills `starts` and `ends` as a search would.
 */
export const createSteady = (starts: number[], ends: number[]) => {
  let head: Buffer | undefined
  /** Of the last cell that varies. */
  let last = 0
  let cells = 0
  /** From the comma behind that cell to the next line. */
  let tailBytes = 0
  /** Where the cells before those that vary begin and end, from the beginning of the line on. */
  let headStarts: readonly number[] = []
  let headEnds: readonly number[] = []
  /** Where the cells behind it begin and end, from that comma on. */
  let tailStarts: readonly number[] = []
  let tailEnds: readonly number[] = []

  const beginsWith = (bytes: Buffer, from: number, wanted: Buffer): boolean => {
    for (let i = 0; i < wanted.length; i++) if (bytes[from + i] !== wanted[i]) return false
    return true
  }

  return {
    cells: () => cells,
    forget: () => {
      head = undefined
    },
    learn: (
      bytes: Buffer,
      line: { from: number; next: number; cells: number; varying: readonly boolean[] },
    ) => {
      const first = starts[OWN] ?? line.from
      head = undefined
      last = line.varying.lastIndexOf(true)
      cells = line.cells
      // only where all that varies stands together, and something else behind it
      const isSteady =
        last >= OWN && last < cells - 1 && line.varying.slice(OWN, last).every(Boolean)
      const comma = ends[last] ?? 0
      if (!isSteady || bytes.subarray(line.from, line.next).includes(QUOTE)) return
      head = Buffer.from(bytes.subarray(line.from, first))
      tailBytes = line.next - comma
      headStarts = starts.slice(0, OWN).map((start) => start - line.from)
      headEnds = ends.slice(0, OWN).map((end) => end - line.from)
      tailStarts = starts.slice(last + 1, cells).map((start) => start - comma)
      tailEnds = ends.slice(last + 1, cells).map((end) => end - comma)
    },
    /** The place behind the line; -1: it is none of these. */
    readLine: (bytes: Buffer, from: number): number => {
      if (head === undefined || !beginsWith(bytes, from, head)) return -1
      let cell = OWN
      let start = from + head.length
      for (let at = start; at < bytes.length; at++) {
        const byte = bytes[at] ?? 0
        if (byte > COMMA) continue
        if (byte !== COMMA) return -1
        starts[cell] = start
        ends[cell] = at
        start = at + 1
        if (cell++ < last) continue
        if (bytes[at + tailBytes - 1] !== LF) return -1
        for (let place = 0; place < OWN; place++) {
          starts[place] = from + (headStarts[place] ?? 0)
          ends[place] = from + (headEnds[place] ?? 0)
        }
        for (let place = 0; place < tailStarts.length; place++) {
          starts[cell + place] = at + (tailStarts[place] ?? 0)
          ends[cell + place] = at + (tailEnds[place] ?? 0)
        }
        return at + tailBytes
      }
      return -1
    },
  }
}
