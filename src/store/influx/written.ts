import type { Collector } from './queries.ts'

/**
 * Counts the windows that a rollup script says it has written: a window is one row, and several passes write into
 * it, so for each measurement the fullest pass counts.
 */
export const collectWritten = (): Collector<number> => {
  const byMeasurement = new Map<string, number>()
  return {
    row: (values, meta) => {
      const of = (label: string) =>
        values[meta.columns.find((one) => one.label === label)?.index ?? -1]
      const measurement = of('_measurement') ?? ''
      byMeasurement.set(
        measurement,
        Math.max(byMeasurement.get(measurement) ?? 0, Number(of('host') ?? 0)),
      )
    },
    answer: () => [...byMeasurement.values()].reduce((sum, one) => sum + one, 0),
  }
}
