import { localTime, utcTime } from '../format.ts'

/** A time of the API as people read it: local, with UTC on hover. */
export const Moment = ({ at }: { readonly at: string | null }) =>
  at === null ? <>–</> : <time title={utcTime(Date.parse(at))}>{localTime(Date.parse(at))}</time>
