import type { Verdict } from '../../spool/sender.ts'
import { codeOf, isUnreachable, reasonOf, statusOf, waitOf } from './failures.ts'

const DROPPED = /dropped[= ](\d+)/

/** `denied`: the token or the bucket is gone, which provisioning mends. */
export type WriteVerdict = Verdict & { readonly denied?: true }

/**
 * What became of a write that was not answered with 204. InfluxDB writes all good lines of a batch with a line that
 * cannot be stored (422), and none of a batch with a line that is no line protocol (400).
 */
export const verdictOf = (error: unknown): WriteVerdict => {
  const why = reasonOf(error)
  if (isUnreachable(error)) return { kind: 'later', why: `InfluxDB does not answer (${why})` }
  const status = statusOf(error)
  switch (status) {
    case 413:
      return { kind: 'too-large' }
    case 422:
      return { kind: 'partly', dropped: Number(DROPPED.exec(why)?.[1] ?? 1), why }
    case 400:
      // what is no answer of InfluxDB says nothing about the lines
      return codeOf(error) === 'invalid'
        ? { kind: 'refused', why }
        : { kind: 'later', why: `InfluxDB does not understand a write (${why})` }
    case 401:
    case 403:
      return { kind: 'later', denied: true, why: `InfluxDB refuses the writer token (${why})` }
    case 404:
      return { kind: 'later', denied: true, why: `InfluxDB lacks a bucket (${why})` }
    default:
      return {
        kind: 'later',
        why: `InfluxDB refused a write (${why})`,
        afterMs: waitOf(error),
      }
  }
}
