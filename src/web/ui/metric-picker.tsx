import { METRIC_NAMES, METRICS } from '../../catalog/catalog.ts'
import { ask } from '../api.ts'
import { useLoaded } from '../load.ts'
import { Buttons } from './buttons.tsx'

/** Names under which something else than the catalogue's metrics was pushed. */
export const usePushed = (): readonly string[] => {
  const { value } = useLoaded('types', (signal) =>
    ask<{ metric_types: string[] }>('api/history/metrics/types', { query: { all: true }, signal }),
  )
  const known = new Set<string>(METRIC_NAMES)
  return value?.metric_types.filter((name) => !known.has(name)) ?? []
}

type Props = {
  readonly chosen: readonly string[]
  readonly onToggle: (name: string) => void
}

/** Which metrics are shown. */
export const MetricPicker = ({ chosen, onToggle }: Props) => {
  const pushed = usePushed()
  const all = [
    ...METRICS.map(({ name, title }) => ({ id: name as string, title: title as string })),
    ...pushed.map((name) => ({ id: name, title: name })),
  ]
  return (
    <Buttons
      label="Metrics"
      options={all}
      isPressed={(name) => chosen.includes(name)}
      onPress={onToggle}
    />
  )
}
