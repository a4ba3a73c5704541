import type { Dataset } from './datasets.ts'

/** Datasets whose rows are records: two of the same series and instant stay two. */
export const RECORD_DATASETS = ['events', 'logs', 'journal'] as const satisfies readonly Dataset[]
export type RecordDataset = (typeof RECORD_DATASETS)[number]

export const isRecordDataset = (dataset: Dataset): dataset is RecordDataset =>
  RECORD_DATASETS.some((one) => one === dataset)

/** What a record field holds; a number is a float, a text at most 64 KiB. */
export type RecordField = {
  readonly kind: 'number' | 'text'
  readonly help: string
  /** People search it, among millions of records: stores make it quick. */
  readonly isSearched?: true
}

/** A measurement of records: where it is kept, what tells its series apart, what a record says. */
export type RecordSeries = {
  readonly measurement: string
  readonly dataset: RecordDataset
  readonly tags: readonly string[]
  readonly fields: Readonly<Record<string, RecordField>>
  readonly help: string
}

const number = (help: string): RecordField => ({ kind: 'number', help })
const text = (help: string): RecordField => ({ kind: 'text', help })

export const clientCpu = {
  measurement: 'client_cpu',
  dataset: 'journal',
  tags: ['user', 'session'],
  fields: {
    cpu: number('CPU load that the client measured, percent.'),
    time: number('Its own time of the sample, Unix seconds, as it was sent.'),
  },
  help: 'CPU samples that the clients of PerformanceMonitor post.',
} as const satisfies RecordSeries

export const eventDuration = {
  measurement: 'event_duration',
  dataset: 'events',
  tags: ['project', 'metric'],
  fields: { duration_ms: number('How long the event took, milliseconds.') },
  help: 'Timing events of the clients of Speedlog.',
} as const satisfies RecordSeries

export const mood = {
  measurement: 'mood',
  dataset: 'journal',
  tags: ['user'],
  fields: { mood: text('The mood in the words of the user.') },
  help: 'Mood ratings.',
} as const satisfies RecordSeries

/** From the least to the most urgent: a filter by level is a minimum. */
export const LOG_LEVELS = ['debug', 'info', 'warning', 'error', 'critical'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

export const log = {
  measurement: 'log',
  dataset: 'logs',
  tags: ['user', 'level'],
  fields: {
    msg: { ...text('The line.'), isSearched: true },
    p_name: text('The name of the process.'),
    pid: number('The id of the process.'),
    p_description: text('What the user says the process is.'),
    event_at: number('When it happened, as the client says, Unix milliseconds.'),
    received_at: number('When it arrived here, Unix milliseconds.'),
    post_time: number('When the client sent it, as it says, Unix milliseconds.'),
    level_original: text('The level as it was sent, where it is none of ours.'),
  },
  help: 'Log lines.',
} as const satisfies RecordSeries

/** Every measurement of records. */
export const RECORD_SERIES: readonly RecordSeries[] = [clientCpu, eventDuration, mood, log]
