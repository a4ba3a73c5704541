import { AppError } from '../app-error.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** The JSON of a body; AppError `invalid` for what is none: not UTF-8, not JSON, nested too deep, empty. */
export const jsonOf = (body: Buffer): unknown => {
  try {
    return JSON.parse(utf8.decode(body)) as unknown
  } catch (cause) {
    throw new AppError({ code: 'invalid', detail: 'The request body is not valid JSON', cause })
  }
}
