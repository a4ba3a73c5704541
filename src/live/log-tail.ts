import type { NewRecord } from '../points/record.ts'
import type { Hub } from './hub.ts'

/** Whose records a viewer may see: `all`, or those of one user. */
export type LogScope = { readonly kind: 'all' } | { readonly kind: 'own'; readonly user: string }

/** Log records as they come, for sockets that have asked for some. */
export type LogTail = {
  /** The records of one write. */
  readonly hub: Pick<Hub<readonly NewRecord[]>, 'subscribe'>
  /**
   * Which records a filter means, within a scope. Throws an AppError `invalid` for a filter that is none: the sentence goes
   * to the client.
   */
  readonly matcher: (filter: unknown, scope: LogScope) => (record: NewRecord) => boolean
  /** A record as it goes out. */
  readonly view: (record: NewRecord) => object
}

/** The texts of the records of one write, each made once for all who get it. */
export const textsOf = (view: LogTail['view']): ((record: NewRecord) => string) => {
  const made = new Map<NewRecord, string>()
  return (record) => {
    const known = made.get(record)
    if (known !== undefined) return known
    const text = JSON.stringify(view(record))
    made.set(record, text)
    return text
  }
}
