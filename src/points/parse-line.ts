import { instant, type Instant } from './instant.ts'
import { SEQ_LIMIT } from './record.ts'

/** What a line of line protocol says. Integers, unsigned ones and booleans have become numbers. */
export type ParsedLine = {
  readonly kind: 'line'
  readonly measurement: string
  readonly tags: Readonly<Record<string, string>>
  readonly fields: Readonly<Record<string, number | string>>
  /** Undefined: none was given. `seq` are the nanoseconds behind the millisecond. */
  readonly time: { readonly at: Instant; readonly seq: number } | undefined
  /** The line as it came, to tell it from others. */
  readonly text: string
}

/** A line that is none: what is wrong, with the beginning of it. */
export type BadLine = { readonly kind: 'bad'; readonly why: string }

export const PRECISIONS = ['ns', 'us', 'ms', 's'] as const
export type Precision = (typeof PRECISIONS)[number]

const LF = 10
const CR = 13
const SPACE = 32
const QUOTE = 34
const HASH = 35
const COMMA = 44
const EQUALS = 61
const BACKSLASH = 92

/** What nanoseconds in 64 bits can hold, less a millisecond. */
const FARTHEST_MS = 9_223_372_036_853

const SHOWN = 60

/** Reads lines one after the other; what is wrong with one ends with it. Blank lines and comments are left out. */
export const parseLines = function* (
  text: string,
  precision: Precision,
): Generator<ParsedLine | BadLine> {
  const reader = createReader(text)
  for (let from = skipBlank(text, 0); from < text.length; from = skipBlank(text, reader.place())) {
    if (text.charCodeAt(from) === HASH) {
      reader.leave(from)
      continue
    }
    yield reader.read(from, precision)
  }
}

/** The next place that is neither a space nor the end of a line. */
const skipBlank = (text: string, from: number): number => {
  let at = from
  while (at < text.length && isBlank(text.charCodeAt(at))) at += 1
  return at
}

const isBlank = (code: number): boolean =>
  code === SPACE || code === LF || code === CR || code === 9 || code === 0

/** Thrown within a line, and never out of here. */
class Wrong {
  readonly why: string
  constructor(why: string) {
    this.why = why
  }
}

const createReader = (text: string) => {
  let at = 0

  const toLineEnd = () => {
    const end = text.indexOf('\n', at)
    at = end < 0 ? text.length : end + 1
  }

  /** A name up to one of two separators; `\` before a separator makes it part of the name. */
  const name = (first: number, second: number, what: string, isTagged: boolean): string => {
    const from = at
    let escaped = false
    for (; at < text.length; at += 1) {
      const code = text.charCodeAt(at)
      if (code === BACKSLASH) {
        escaped = true
        // not over the end of the line: what stands there is no name any more
        if (text.charCodeAt(at + 1) !== LF) at += 1
        continue
      }
      if (code === first || code === second || code === LF) break
      if (code === COMMA || code === SPACE) throw new Wrong(`missing ${what}`)
    }
    const raw = text.slice(from, Math.min(at, text.length))
    if (raw === '') throw new Wrong(`missing ${what}`)
    return escaped ? raw.replace(isTagged ? /\\([,= ])/g : /\\([, ])/g, '$1') : raw
  }

  const string = (): string => {
    const from = at + 1
    let escaped = false
    for (at = from; at < text.length; at += 1) {
      const code = text.charCodeAt(at)
      if (code === BACKSLASH) {
        escaped = true
        at += 1
      } else if (code === QUOTE) {
        const raw = text.slice(from, at)
        at += 1
        return escaped ? raw.replace(/\\(["\\])/g, '$1') : raw
      }
    }
    // it costs its own line only: there is no other quote behind it that could be taken for its end
    at = Math.max(0, text.lastIndexOf('\n', from) + 1)
    throw new Wrong('unbalanced quotes')
  }

  const value = (): number | string => {
    if (text.charCodeAt(at) === QUOTE) return string()
    const from = at
    for (; at < text.length; at += 1) {
      const code = text.charCodeAt(at)
      if (code === COMMA || code === SPACE || code === LF) break
    }
    const end = text.charCodeAt(at - 1) === CR && text.charCodeAt(at) === LF ? at - 1 : at
    return scalarOf(text.slice(from, end))
  }

  const tagsOf = (): Record<string, string> => {
    const tags: Record<string, string> = {}
    while (text.charCodeAt(at) === COMMA) {
      at += 1
      const key = name(EQUALS, EQUALS, 'tag key', true)
      if (text.charCodeAt(at) !== EQUALS) throw new Wrong('missing tag value')
      at += 1
      if (Object.hasOwn(tags, key)) throw new Wrong(`duplicate tags: ${key}`)
      put(tags, key, name(COMMA, SPACE, 'tag value', true))
    }
    return tags
  }

  const fieldsOf = (): Record<string, number | string> => {
    const fields: Record<string, number | string> = {}
    for (;;) {
      const key = name(EQUALS, EQUALS, 'field key', true)
      if (text.charCodeAt(at) !== EQUALS) throw new Wrong('missing field value')
      at += 1
      put(fields, key, value())
      if (text.charCodeAt(at) !== COMMA) return fields
      at += 1
    }
  }

  const skipSpaces = () => {
    while (text.charCodeAt(at) === SPACE) at += 1
  }

  /** From here to the end of the line, which it goes over. */
  const restOfLine = (): string => {
    const from = at
    toLineEnd()
    return text.slice(from, at).trim()
  }

  const line = (precision: Precision): Omit<ParsedLine, 'kind' | 'text'> => {
    const measurement = name(COMMA, SPACE, 'measurement', false)
    const tags = tagsOf()
    if (text.charCodeAt(at) !== SPACE) throw new Wrong('missing fields')
    skipSpaces()
    const fields = fieldsOf()
    const next = text.charCodeAt(at)
    if (at < text.length && next !== SPACE && next !== LF && next !== CR)
      throw new Wrong('invalid field format')
    const time = restOfLine()
    return { measurement, tags, fields, time: time === '' ? undefined : timeOf(time, precision) }
  }

  return {
    place: () => at,
    leave: (from: number) => {
      at = from
      toLineEnd()
    },
    read: (from: number, precision: Precision): ParsedLine | BadLine => {
      at = from
      try {
        const parsed = line(precision)
        return { kind: 'line', ...parsed, text: text.slice(from, at) }
      } catch (error) {
        if (!(error instanceof Wrong)) throw error
        if (text.charCodeAt(at - 1) !== LF || at === from) toLineEnd()
        const shown = text.slice(from, Math.min(at, from + SHOWN)).split('\n', 1)[0] ?? ''
        return { kind: 'bad', why: `unable to parse '${shown.trim()}': ${error.why}` }
      }
    },
  }
}

/** A name from outside may be `__proto__`. */
const put = <Value>(record: Record<string, Value>, key: string, value: Value): void => {
  if (key !== '__proto__') record[key] = value
  else
    Object.defineProperty(record, key, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    })
}

const FLOAT = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i
const INTEGER = /^([+-]?\d{1,20})i$/
const UNSIGNED = /^(\d{1,20})u$/
const TRUE: ReadonlySet<string> = new Set(['t', 'T', 'true', 'True', 'TRUE'])
const FALSE: ReadonlySet<string> = new Set(['f', 'F', 'false', 'False', 'FALSE'])
const INT64 = { least: -(2n ** 63n), most: 2n ** 63n - 1n }
const UINT64 = { least: 0n, most: 2n ** 64n - 1n }

const scalarOf = (text: string): number => {
  if (text === '') throw new Wrong('missing field value')
  if (FLOAT.test(text)) {
    const number = Number(text)
    if (Number.isFinite(number)) return number
    throw new Wrong('invalid float')
  }
  if (TRUE.has(text)) return 1
  if (FALSE.has(text)) return 0
  const integer = INTEGER.exec(text)?.[1]
  if (integer !== undefined) return within(integer, INT64)
  const unsigned = UNSIGNED.exec(text)?.[1]
  if (unsigned !== undefined) return within(unsigned, UINT64)
  throw new Wrong('invalid number or boolean')
}

const within = (text: string, { least, most }: typeof INT64): number => {
  const number = Number(text)
  if (Number.isSafeInteger(number)) return number
  const exact = BigInt(text)
  if (exact < least || exact > most) throw new Wrong('integer out of range')
  return number
}

const DIGITS_BEHIND_MS: Readonly<Record<Precision, number>> = { ns: 6, us: 3, ms: 0, s: 0 }

const timeOf = (text: string, precision: Precision): { at: Instant; seq: number } => {
  if (!/^-?\d{1,19}$/.test(text)) throw new Wrong('bad timestamp')
  const digits = DIGITS_BEHIND_MS[precision]
  const scale = 10 ** digits
  let ms: number
  let behind = 0
  if (digits === 0) ms = Number(text) * (precision === 's' ? 1_000 : 1)
  else if (text.startsWith('-')) {
    const behindMs = BigInt(scale)
    const whole = BigInt(text)
    const floor = whole / behindMs - (whole % behindMs === 0n ? 0n : 1n)
    ms = Number(floor)
    behind = Number(whole - floor * behindMs)
  } else {
    ms = Number(text.slice(0, -digits) || '0')
    behind = Number(text.slice(-digits))
  }
  if (Math.abs(ms) > FARTHEST_MS) throw new Wrong('time outside range')
  return { at: instant(ms), seq: (behind * (SEQ_LIMIT / scale)) % SEQ_LIMIT }
}
