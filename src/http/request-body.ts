import type { IncomingMessage } from 'node:http'
import { AppError } from '../app-error.ts'
import { TOO_LARGE } from './refusal.ts'

const tooLarge = () => new AppError({ code: 'too-large', detail: TOO_LARGE })

/**
 * The whole body, at most `limit` bytes: refused by its Content-Length before a byte is read, and cut while it
 * is read where it has none (too-large). invalid: the client went away before the end.
 */
export const readBody = (request: IncomingMessage, limit: number): Promise<Buffer> => {
  if (Number(request.headers['content-length'] ?? 0) > limit) return Promise.reject(tooLarge())
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    const settle = (done: () => void): void => {
      request.off('data', onData).off('end', onEnd).off('close', onClose)
      done()
    }
    const onData = (chunk: Buffer): void => {
      size += chunk.length
      if (size > limit) {
        // not destroyed: the refusal has still to go out on this connection
        request.pause()
        settle(() => reject(tooLarge()))
        return
      }
      chunks.push(chunk)
    }
    const onEnd = (): void => settle(() => resolve(Buffer.concat(chunks)))
    const onClose = (): void =>
      settle(() =>
        reject(new AppError({ code: 'invalid', detail: 'The request body was cut off.' })),
      )
    // kept for good: an abort after the refusal has nobody else to hear it
    request.on('error', () => undefined)
    if (request.readableEnded) return resolve(Buffer.alloc(0))
    request.on('data', onData).on('end', onEnd).on('close', onClose)
  })
}
