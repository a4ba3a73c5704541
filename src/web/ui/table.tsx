import type { ComponentChildren } from 'preact'

type Column<Row> = {
  readonly title: string
  readonly isNumber?: boolean
  readonly show: (row: Row) => ComponentChildren
}

type Props<Row> = {
  readonly label: string
  readonly rows: readonly Row[]
  readonly keyOf: (row: Row, place: number) => string | number
  readonly columns: readonly Column<Row>[]
}

/** Rows of one kind. */
export const Table = <Row,>({ label, rows, keyOf, columns }: Props<Row>) => (
  <div class="scroll" tabIndex={0} role="region" aria-label={label}>
    <table>
      <thead>
        <tr>
          {columns.map(({ title, isNumber }) => (
            <th scope="col" key={title} class={isNumber === true ? 'number' : ''}>
              {title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row, place) => (
          <tr key={keyOf(row, place)}>
            {columns.map(({ title, isNumber, show }) => (
              <td key={title} class={isNumber === true ? 'number' : ''}>
                {show(row)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  </div>
)
