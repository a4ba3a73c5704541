import type { CompareAnswer } from '../../../api/history-schemas.ts'
import type { Metric } from '../../../catalog/metric.ts'
import { format } from '../../format.ts'
import { unitOf } from '../../lines.ts'

type Field = CompareAnswer['summary']['fields'][string]

/** What the tests say, the paired one where there is one: it does not mind a daily rhythm. */
const verdictOf = ({ significant, significant_paired }: Field): boolean | null =>
  significant_paired ?? significant

const VERDICTS = new Map<boolean | null, string>([
  [true, 'more than chance'],
  [false, 'not shown'],
  [null, '–'],
])

const signed = (value: number | null): string =>
  value === null ? '–' : `${value > 0 ? '+' : ''}${format('percent', value)}`

type SummaryProps = {
  readonly answer: CompareAnswer
  readonly metric: Metric | undefined
}

/** All fields, what has changed by more than chance first. */
export const Summary = ({ answer, metric }: SummaryProps) => {
  const fields = Object.entries(answer.summary.fields)
  const isSure = ([, field]: (typeof fields)[number]) => verdictOf(field) === true
  const rows = [...fields.filter(isSure), ...fields.filter((one) => !isSure(one))]
  return (
    <section class="card" aria-label="Summary">
      <h2>All fields</h2>
      <p class="hint">
        Averages over the whole periods. Effect size: the difference in standard deviations of the
        windows. “Not shown” is not “the same”.
      </p>
      <div class="scroll tall" tabIndex={0} role="region" aria-label="All fields, table">
        <table>
          <thead>
            <tr>
              <th scope="col">Field</th>
              <th scope="col" class="number">
                Current
              </th>
              <th scope="col" class="number">
                Before
              </th>
              <th scope="col" class="number">
                Change
              </th>
              <th scope="col" class="number">
                Effect size
              </th>
              <th scope="col">Difference</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(([name, field]) => {
              const unit = (metric && unitOf(metric, name)) ?? 'count'
              const verdict = verdictOf(field)
              return (
                <tr key={name} class={verdict === true ? 'sure' : ''}>
                  <th scope="row">{name}</th>
                  <td class="number">{format(unit, field.current)}</td>
                  <td class="number">{format(unit, field.comparison)}</td>
                  <td class="number">{signed(field.change_percent)}</td>
                  <td class="number">{format('ratio', field.effect_size)}</td>
                  <td>{VERDICTS.get(verdict)}</td>
                </tr>
              )
            })}
          </tbody>
        </table>
      </div>
    </section>
  )
}
