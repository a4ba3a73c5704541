/** Keeps apart what InfluxDB's answers do not: they leave out every CR, and write CR LF for a line break. */
const ESCAPE = '\u001a'
const ESCAPED_CR = `${ESCAPE}r`
const ESCAPED_ESCAPE = `${ESCAPE}${ESCAPE}`

/** A text as it stands in a string field; nearly always the text itself. */
export const toStored = (text: string): string =>
  text.includes('\r') || text.includes(ESCAPE)
    ? text.replaceAll(ESCAPE, ESCAPED_ESCAPE).replaceAll('\r', ESCAPED_CR)
    : text

/** The text out of a cell of an answer. */
export const fromAnswer = (cell: string): string => {
  const text = cell.includes('\r') ? cell.replaceAll('\r\n', '\n') : cell
  return text.includes(ESCAPE)
    ? text
        .split(ESCAPED_ESCAPE)
        .map((part) => part.replaceAll(ESCAPED_CR, '\r'))
        .join(ESCAPE)
    : text
}
