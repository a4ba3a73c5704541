import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import type { Unit } from '../../catalog/metric.ts'
import { format, localTime } from '../format.ts'
import type { Columns } from './columns.ts'
import { Plot, type PlotProps } from './plot.tsx'

/** Rows of a table behind a chart; more helps nobody, and CSV has them all. */
const MOST_ROWS = 500

type Props = PlotProps & {
  readonly title: string
  /** What stands beside the title: the newest value, buttons. */
  readonly aside?: ComponentChildren
  /** Where there is nothing to draw: what will appear, and when. */
  readonly empty?: ComponentChildren
}

/** A chart with its title, and behind it the same as a table. */
export const ChartFigure = ({ title, aside, empty, ...plot }: Props) => {
  const hasValues = plot.columns.values.some((column) => column.some((value) => value !== null))
  return (
    <figure class="chart" aria-label={title}>
      <figcaption>
        <h3>{title}</h3>
        <span class="aside">{aside}</span>
      </figcaption>
      {hasValues ? (
        <>
          <Plot {...plot} />
          <DataTable {...plot} title={title} />
        </>
      ) : (
        <p class="empty">{empty ?? 'Nothing was measured in this time.'}</p>
      )}
    </figure>
  )
}

type TableProps = {
  readonly title: string
  readonly unit: Unit
  readonly lines: PlotProps['lines']
  readonly columns: Columns
}

/** Made when it is opened: a chart may have thousands of points. */
const DataTable = ({ title, unit, lines, columns }: TableProps) => {
  const [isOpen, setOpen] = useState(false)
  const { times, values } = columns
  const first = Math.max(0, times.length - MOST_ROWS)
  return (
    <details class="data" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Table</summary>
      {isOpen && (
        <div class="scroll" tabIndex={0} role="region" aria-label={`${title}, table`}>
          <table>
            <thead>
              <tr>
                <th scope="col">Time</th>
                {lines.map(({ label }) => (
                  <th scope="col" key={label}>
                    {label}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {times.slice(first).map((at, row) => (
                <tr key={at}>
                  <th scope="row">{localTime(at * 1000)}</th>
                  {values.map((column, place) => (
                    <td key={lines[place]?.label}>{format(unit, column[first + row])}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </details>
  )
}
