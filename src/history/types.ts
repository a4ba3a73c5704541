import { CONTRACT_METRICS, findMetric, METRICS } from '../catalog/catalog.ts'
import type { HistoryDeps } from './deps.ts'
import type { TypesAnswer } from './history.ts'
import { PUSHED } from './subject.ts'

/** The metrics that history answers: the six of the contract, or with `all` every one and what was pushed. */
export const types = async (
  all: boolean,
  { store }: { readonly store: Pick<HistoryDeps['store'], 'measurements'> },
): Promise<TypesAnswer> => {
  if (!all) return { metric_types: CONTRACT_METRICS }
  const extra = METRICS.filter(({ listed }) => listed === 'extra').map(({ name }) => name)
  // A name of the catalogue means the catalogue's metric, whatever was pushed under it.
  const pushed = (await store.measurements('pushed')).map((name) =>
    findMetric(name) === undefined ? name : `${PUSHED}${name}`,
  )
  return { metric_types: [...CONTRACT_METRICS, ...extra.toSorted(), ...pushed.toSorted()] }
}
