import { AppError } from '../../app-error.ts'
import { eventMetrics } from '../../history/events.ts'
import { SECOND } from '../../points/instant.ts'
import type { DoorDeps } from '../door.ts'

/** The route is open to everyone, so nobody may fill the store through it. */
const MOST_METRICS = 500
const MOST_EVENTS_A_SECOND = 5_000

/** Who sends to a project is bounded by names and by events a second. */
export const createEventLimits = ({ records, clock }: Pick<DoorDeps, 'records' | 'clock'>) => {
  const names = new Map<string, Promise<Set<string>>>()
  const counts = new Map<string, { second: number; count: number }>()

  const namesOf = (project: string): Promise<Set<string>> => {
    const known = names.get(project)
    if (known !== undefined) return known
    const loading = eventMetrics(records, project).then(
      (metrics) => new Set(metrics.map(({ metric }) => metric)),
    )
    names.set(project, loading)
    return loading.catch(() => {
      // a store that is away still takes events; which names it has is asked again
      names.delete(project)
      return new Set()
    })
  }

  const countOne = (project: string): void => {
    const second = Math.floor(clock.monotonic() / SECOND)
    const counted = counts.get(project)
    if (counted === undefined || counted.second !== second)
      counts.set(project, { second, count: 1 })
    else if (counted.count < MOST_EVENTS_A_SECOND) counted.count += 1
    else
      throw new AppError({
        code: 'too-many',
        detail: `A project takes ${MOST_EVENTS_A_SECOND} events a second`,
        retryAfterSeconds: 1,
      })
  }

  return {
    /** Counts an event; throws AppError `too-many`, or `invalid` for one name too many. */
    check: async (project: string, metric: string): Promise<void> => {
      countOne(project)
      const known = await namesOf(project)
      if (known.has(metric)) return
      if (known.size >= MOST_METRICS)
        throw new AppError({
          code: 'invalid',
          detail: `The project has ${MOST_METRICS} metric names, and takes no more`,
        })
      known.add(metric)
    },
  }
}
