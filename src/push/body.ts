import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { AppError } from '../app-error.ts'
import { TOO_LARGE } from '../http/refusal.ts'

const inflate = promisify(gunzip)

/** The text of a body, unpacked where it is gzip; at most `limit` bytes either way. */
export const textOf = async (
  body: Buffer,
  encoding: string | undefined,
  limit: number,
): Promise<string> => {
  const coding = encoding?.trim().toLowerCase() ?? ''
  if (coding === '' || coding === 'identity') return body.toString('utf8')
  if (coding !== 'gzip')
    throw new AppError({ code: 'invalid', detail: `the content encoding ${coding} is not known` })
  try {
    return (await inflate(body, { maxOutputLength: limit })).toString('utf8')
  } catch (cause) {
    if (cause instanceof RangeError) throw new AppError({ code: 'too-large', detail: TOO_LARGE })
    throw new AppError({ code: 'invalid', detail: 'the body is no valid gzip', cause })
  }
}
