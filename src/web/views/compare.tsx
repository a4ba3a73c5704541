import { useMemo } from 'preact/hooks'
import { findMetric, METRICS } from '../../catalog/catalog.ts'
import type { CompareAnswer } from '../../api/history-schemas.ts'
import { ask, urlOf } from '../api.ts'
import { useHost } from '../hosts.ts'
import { mainPanel, panelsOf, pushedPanels } from '../lines.ts'
import { useLoaded } from '../load.ts'
import { go, usePlace } from '../place.ts'
import { Failure } from '../ui/failure.tsx'
import { MetricPicker } from '../ui/metric-picker.tsx'
import { Headline } from './compare/headline.tsx'
import { Pair } from './compare/pair.tsx'
import { PeriodPicker } from './compare/period-picker.tsx'
import { parametersOf, questionOf } from './compare/question.ts'
import { Summary } from './compare/summary.tsx'

const MOST_POINTS = 10_000

/** One period against another: how much of what has changed, and whether it is more than chance. */
export const Compare = () => {
  const place = usePlace()
  const host = useHost()
  const name = place.get('metric')?.split(',')[0] ?? METRICS[0].name
  const question = questionOf(place)
  const query = { metric_type: name, ...parametersOf(question), limit: MOST_POINTS, host }
  const { value, error, isLoading } = useLoaded(JSON.stringify(query), (signal) =>
    ask<CompareAnswer>('api/history/compare', { query, signal }),
  )
  return (
    <>
      <div class="controls">
        <MetricPicker chosen={[name]} onToggle={(metric) => go({ metric })} />
      </div>
      <PeriodPicker question={question} answer={value} host={host ?? ''} />
      <Failure of={error} />
      {value !== undefined && (
        <div class="stack" aria-busy={isLoading}>
          <Answer
            answer={value}
            csv={urlOf('api/history/compare', { ...query, format: 'csv' }).href}
          />
        </div>
      )}
    </>
  )
}

const Answer = ({ answer, csv }: { readonly answer: CompareAnswer; readonly csv: string }) => {
  const metric = findMetric(answer.metric_type)
  const panels = useMemo(() => {
    const data = [...answer.current.data_points, ...answer.comparison.data_points].map(
      (point) => point.data,
    )
    if (metric === undefined) return pushedPanels(data)
    return [mainPanel(metric, data), ...panelsOf(metric)]
  }, [answer, metric])
  const [main, ...others] = panels
  return (
    <>
      <section class="card" aria-label="Overview">
        <div class="bar">
          <Headline answer={answer} title={metric?.title ?? answer.metric_type} unit={main?.unit} />
          <a class="button" href={csv} download>
            CSV
          </a>
        </div>
        {main !== undefined && <Pair panel={main} answer={answer} height={220} />}
      </section>
      <Summary answer={answer} metric={metric} />
      {others.length > 0 && (
        <details class="card">
          <summary>All charts of {metric?.title ?? answer.metric_type}</summary>
          <div class="grid charts">
            {others.map((panel) => (
              <div key={panel.id}>
                <Pair panel={panel} answer={answer} height={160} />
              </div>
            ))}
          </div>
        </details>
      )}
    </>
  )
}
