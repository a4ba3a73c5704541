/** How the values of a window become one. `n` is counted, and min and max kept, for `mean` only. */
export const FOLDS = ['mean', 'max', 'last', 'sum'] as const
export type Fold = (typeof FOLDS)[number]

export const UNITS = [
  'percent',
  'bytes',
  'bytes/s',
  'MB/s',
  'count',
  'count/s',
  'packets/s',
  'operations/s',
  'MHz',
  'celsius',
  'ms',
  's',
  'ms/s',
  'ratio',
] as const
export type Unit = (typeof UNITS)[number]

/** Where a value lands inside the metric's JSON object; a number is a place in an array. */
export type JsonPath = readonly (string | number)[]

export type Field = {
  readonly unit: Unit
  readonly help: string
  readonly fold: Fold
  /**
   * Places in the JSON, relative to the layout's object; without it the field's own name.
   * More than one where two JSON objects show the same value.
   */
  readonly json?: readonly JsonPath[]
  /** The unit beside the value, `{value, unit}`, as the perf events of the wire contract want it. */
  readonly jsonUnit?: string
}

/**
 * How the rows of a series land in JSON.
 * `object`: one row, its fields side by side. `columns`: one row per numbered thing (a core), each field an
 * array. `map`: one row per named thing (an interface), an object keyed by the name.
 */
export type Layout =
  | { readonly kind: 'object'; readonly at: JsonPath }
  | { readonly kind: 'columns'; readonly tag: string }
  | { readonly kind: 'map'; readonly at: JsonPath; readonly tag: string }

export type Series = {
  /** The measurement's name in the store. */
  readonly measurement: string
  readonly layout: Layout
  readonly fields: Readonly<Record<string, Field>>
}

export type Metric = {
  readonly name: string
  readonly title: string
  readonly help: string
  readonly series: readonly Series[]
  /**
   * JSON objects of the live frame that this metric fills; without it one, named as the metric.
   * With it each JSON path begins with the object's name; history shows their union.
   */
  readonly objects?: readonly string[]
  /** Objects that carry `available` (and `reason` when it is false). */
  readonly availability?: readonly string[]
  /** Values beside the fields that a live frame carries and history cannot know: null there. */
  readonly facts?: readonly JsonPath[]
  /** What `compare` summarises: fields of one measurement, added up; the first group with data counts. */
  readonly primary: readonly { readonly measurement: string; readonly fields: readonly string[] }[]
  /** `contract`: one of the six of the REST contract; `extra`: listed with `all=true`. */
  readonly listed: 'contract' | 'extra'
}

/** The tag that a layout uses to tell rows of one series apart, if any. */
export const layoutTag = (layout: Layout): string | undefined =>
  layout.kind === 'object' ? undefined : layout.tag
