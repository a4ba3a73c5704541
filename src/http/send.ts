import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { IncomingMessage } from 'node:http'

type Bytes = Uint8Array<ArrayBuffer>

const gzipped = promisify(gzip)
/** Below this the saving is not worth a turn of the thread pool. */
const LEAST = 32 * 1024
/** JSON of numbers shrinks to a sixth at the first level; the others cost three times as much for little. */
const LEVEL = 1

/** True where the peer takes gzip and is another machine: over the loopback bytes cost less than packing them. */
const wantsGzip = (request: IncomingMessage, address: string): boolean =>
  /\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/i.test(String(request.headers['accept-encoding'])) &&
  !/^(127\.|::1$)/.test(address)

/** An answer of finished bytes, packed where that helps. */
export const sendBytes = async (
  bytes: Bytes,
  headers: Readonly<Record<string, string>>,
  asked: { readonly request: IncomingMessage; readonly address: string },
): Promise<Response> => {
  const vary = { Vary: 'Origin, Accept, Accept-Encoding' }
  if (bytes.length < LEAST || !wantsGzip(asked.request, asked.address))
    return new Response(bytes, { headers: { ...headers, ...vary } })
  return new Response(await gzipped(bytes, { level: LEVEL }), {
    headers: { ...headers, ...vary, 'Content-Encoding': 'gzip' },
  })
}
