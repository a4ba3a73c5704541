import type { Disk } from './disk.ts'

/** Everything before it has been taken by the server. */
export type Position = { readonly segment: number; readonly offset: number }

/**
 * What must survive together: how far the server has taken the queue, and which hours were written so late
 * that their tiers must be rolled up again. One file, replaced whole.
 */
export type Cursor = { readonly position: Position; readonly dirtyHours: readonly number[] }

const FILE = 'cursor.json'
const START: Cursor = { position: { segment: 0, offset: 0 }, dirtyHours: [] }

/**
 * A missing or damaged cursor means "from the start": sending again what the server already has changes
 * nothing, while skipping would lose points.
 */
export const readCursor = async (disk: Disk, folder: string): Promise<Cursor> => {
  if (!(await disk.list(folder)).includes(FILE)) return START
  const bytes = await disk.read(folder, FILE, 0, await disk.size(folder, FILE))
  try {
    return parse(JSON.parse(bytes.toString('utf8')))
  } catch {
    return START
  }
}

export const writeCursor = (disk: Disk, folder: string, cursor: Cursor): Promise<void> =>
  disk.replace(folder, FILE, Buffer.from(JSON.stringify(cursor)))

const parse = (json: unknown): Cursor => {
  if (typeof json !== 'object' || json === null || !('position' in json)) return START
  const { position } = json
  if (typeof position !== 'object' || position === null) return START
  const segment = 'segment' in position ? count(position.segment) : undefined
  const offset = 'offset' in position ? count(position.offset) : undefined
  if (segment === undefined || offset === undefined) return START
  const hours = 'dirtyHours' in json && Array.isArray(json.dirtyHours) ? json.dirtyHours : []
  return {
    position: { segment, offset },
    dirtyHours: hours.flatMap((hour: unknown) => count(hour) ?? []),
  }
}

const count = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined
