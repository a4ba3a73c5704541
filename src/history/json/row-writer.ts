import type { ObjectTemplate, Template } from '../../points/column-layout.ts'
import { LONGEST_NUMBER, writeNumber } from './number-bytes.ts'

/**
 * Writes rows of a table as JSON text. A month of a 64-core host is 140,000 numbers: made as objects and strings they
 * cost more than everything else of the answer together.
 */
export type RowWriter = {
  /** The most bytes of a row. */
  readonly most: number
  /** Writes a row at a place of the buffer, where there is room for `most`, and gives the place after it. */
  readonly write: (buffer: Uint8Array, at: number, row: number) => number
}

/** A template as the steps that write it: a text made once, then what the row has there. */
type Step = { readonly before: Uint8Array } & (
  | { readonly kind: 'end' }
  /** Values with a comma between them: most of a row are the values of many cores. */
  | { readonly kind: 'values'; readonly columns: Float64Array[]; readonly hints: number[] }
  | { readonly kind: 'unit'; readonly column: Float64Array; readonly unit: Uint8Array }
  /** A part that rows without a value in any of the `present` columns do not have. */
  | {
      readonly kind: 'part'
      readonly present: readonly Float64Array[]
      readonly steps: readonly Step[]
    }
)

const encoder = new TextEncoder()
const NULL = encoder.encode('null')
const NOTHING = new Float64Array(0)
const [COMMA, OPEN_BRACKET, OPEN_BRACE] = [44, 91, 123]

/** A writer of rows equal to `JSON.stringify(layOutRow(template, columns, row, deciding))`. */
export const rowWriter = (
  template: ObjectTemplate,
  columns: readonly Float64Array[],
  deciding: readonly Float64Array[] = columns,
): RowWriter => {
  const steps = stepsOf(piecesOf(template, columns, deciding))
  return {
    most: mostBytes(steps),
    write: (buffer, at, row) => writeSteps(buffer, at, steps, row),
  }
}

const writeSteps = (
  buffer: Uint8Array,
  from: number,
  steps: readonly Step[],
  row: number,
): number => {
  let at = from
  for (const step of steps) {
    at = copy(buffer, at, step.before)
    switch (step.kind) {
      case 'end':
        break
      case 'values':
        at = writeValues(buffer, at, step.columns, step.hints, row)
        break
      case 'unit':
        at = copy(buffer, at, Number.isNaN(step.column[row] ?? Number.NaN) ? NULL : step.unit)
        break
      case 'part': {
        if (step.present.every((column) => Number.isNaN(column[row] ?? Number.NaN))) break
        const last = buffer[at - 1]
        if (last !== OPEN_BRACKET && last !== OPEN_BRACE) buffer[at++] = COMMA
        at = writeSteps(buffer, at, step.steps, row)
      }
    }
  }
  return at
}

const writeValues = (
  buffer: Uint8Array,
  from: number,
  columns: readonly Float64Array[],
  hints: number[],
  row: number,
): number => {
  let at = from
  for (let i = 0; i < columns.length; i++) {
    if (i > 0) buffer[at++] = COMMA
    at = writeNumber(buffer, at, columns[i]?.[row] ?? Number.NaN, hints, i)
  }
  return at
}

/** Most texts are a byte or a few: a loop is faster than `set`. */
const copy = (buffer: Uint8Array, at: number, text: Uint8Array): number => {
  for (let i = 0; i < text.length; i++) buffer[at + i] = text[i] ?? 0
  return at + text.length
}

type Hole<Kind extends Step['kind']> = Kind extends Step['kind']
  ? Omit<Extract<Step, { kind: Kind }>, 'before'>
  : never
/** A piece of text, or what comes after one. */
type Piece =
  | string
  | { readonly kind: 'value'; readonly column: Float64Array }
  | Hole<'unit'>
  | Hole<'part'>

const piecesOf = (
  template: Template,
  columns: readonly Float64Array[],
  deciding: readonly Float64Array[],
): readonly Piece[] => {
  const inside = (node: Template) => piecesOf(node, columns, deciding)
  const part = (presentIf: readonly number[] | undefined, index: number, own: readonly Piece[]) =>
    presentIf === undefined
      ? [index > 0 ? ',' : '', ...own]
      : [
          {
            kind: 'part' as const,
            present: presentIf.map((column) => deciding[column] ?? NOTHING),
            steps: stepsOf(own),
          },
        ]
  switch (template.kind) {
    case 'literal':
      return [JSON.stringify(template.json)]
    case 'value':
      return [valueOf(columns, template.column)]
    case 'quantity': {
      const value = valueOf(columns, template.column)
      const unit = encoder.encode(JSON.stringify(template.unit))
      return ['{"value":', value, ',"unit":', { kind: 'unit', column: value.column, unit }, '}']
    }
    case 'object':
      return [
        '{',
        ...template.entries.flatMap(({ key, node, presentIf }, index) =>
          part(presentIf, index, [`${JSON.stringify(key)}:`, ...inside(node)]),
        ),
        '}',
      ]
    case 'array':
      return [
        '[',
        ...template.items.flatMap(({ node, presentIf }, index) =>
          part(presentIf, index, inside(node)),
        ),
        ']',
      ]
  }
}

const valueOf = (columns: readonly Float64Array[], column: number) => ({
  kind: 'value' as const,
  column: columns[column] ?? NOTHING,
})

/** Joins the texts between what the rows differ in, and the values that only a comma parts. */
const stepsOf = (pieces: readonly Piece[]): readonly Step[] => {
  const steps: Step[] = []
  let before = ''
  for (const piece of pieces) {
    const last = steps.at(-1)
    if (typeof piece === 'string') {
      before += piece
      continue
    }
    if (piece.kind === 'value' && last?.kind === 'values' && before === ',') {
      last.columns.push(piece.column)
      last.hints.push(0)
    } else
      steps.push({
        before: encoder.encode(before),
        ...(piece.kind === 'value'
          ? { kind: 'values', columns: [piece.column], hints: [0] }
          : piece),
      })
    before = ''
  }
  return [...steps, { before: encoder.encode(before), kind: 'end' }]
}

const mostBytes = (steps: readonly Step[]): number =>
  steps.reduce((sum, step) => sum + step.before.length + mostOf(step), 0)

const mostOf = (step: Step): number => {
  switch (step.kind) {
    case 'end':
      return 0
    case 'values':
      return step.columns.length * (LONGEST_NUMBER + 1)
    case 'unit':
      return Math.max(step.unit.length, NULL.length)
    case 'part':
      return 1 + mostBytes(step.steps)
  }
}
