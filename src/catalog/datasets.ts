import { TIERS, type Tier } from './tiers.ts'

/** How long a series lives and whether it has tiers. */
export const DATASETS = ['metrics', 'pushed', 'events', 'logs', 'journal'] as const
export type Dataset = (typeof DATASETS)[number]

export const DATASET_TIERS: Readonly<Record<Dataset, readonly Tier[]>> = {
  metrics: TIERS,
  pushed: ['raw'],
  events: ['raw'],
  logs: ['raw'],
  journal: ['raw'],
}
