import { instant, type Instant } from '../points/instant.ts'

/**
 * What one accepted write leaves in the spool: lines of line protocol and what the sender must know of them
 * without parsing them again.
 */
export type Entry = {
  /** When it was accepted: the age of the oldest unsent point is counted from here. */
  readonly acceptedAt: Instant
  /** The oldest and the newest instant of its points: which windows a late arrival makes dirty. */
  readonly oldest: Instant
  readonly newest: Instant
  readonly lines: number
  /** Line protocol, NUL between the lines: a line break may stand inside a quoted string, a NUL never does. */
  readonly text: Buffer
}

const HEAD = 28

export const encodeEntry = (entry: Entry): Buffer => {
  const body = Buffer.allocUnsafe(HEAD + entry.text.length)
  body.writeDoubleLE(entry.acceptedAt, 0)
  body.writeDoubleLE(entry.oldest, 8)
  body.writeDoubleLE(entry.newest, 16)
  body.writeUInt32LE(entry.lines, 24)
  entry.text.copy(body, HEAD)
  return body
}

/** Undefined for a body that is too short to be one: written by something else. */
export const decodeEntry = (body: Buffer): Entry | undefined =>
  body.length < HEAD
    ? undefined
    : {
        acceptedAt: instant(body.readDoubleLE(0)),
        oldest: instant(body.readDoubleLE(8)),
        newest: instant(body.readDoubleLE(16)),
        lines: body.readUInt32LE(24),
        text: body.subarray(HEAD),
      }

const NUL = 0
const LINE_BREAK = 10

export const joinLines = (lines: readonly string[]): Buffer => Buffer.from(lines.join('\0'))

export const splitLines = (text: Buffer): readonly Buffer[] => {
  const lines: Buffer[] = []
  let from = 0
  for (let at = text.indexOf(NUL); at >= 0; at = text.indexOf(NUL, from)) {
    lines.push(text.subarray(from, at))
    from = at + 1
  }
  lines.push(text.subarray(from))
  return lines
}

/** The body of a write request. */
export const bodyOf = (texts: readonly Buffer[]): Buffer => {
  const body = Buffer.allocUnsafe(texts.reduce((sum, text) => sum + text.length + 1, 0))
  let at = 0
  for (const text of texts) {
    text.copy(body, at)
    at += text.length
    body[at++] = LINE_BREAK
  }
  for (let nul = body.indexOf(NUL); nul >= 0; nul = body.indexOf(NUL, nul)) body[nul] = LINE_BREAK
  return body
}
