import { findField } from '../catalog/catalog.ts'
import type { Dataset } from '../catalog/datasets.ts'
import type { Fold } from '../catalog/metric.ts'

/** How a field's values become one: as the catalogue says of host metrics, by the mean for all that was pushed. */
export const foldOf = (dataset: Dataset, measurement: string, field: string): Fold =>
  dataset === 'metrics' ? (findField(measurement, field)?.fold ?? 'mean') : 'mean'
