import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import type { HttpContext } from '../http/surface.ts'
import { WEB_PAGE } from '../http/security-headers.ts'
import { endpoint, type Endpoint } from './endpoint.ts'
import type { PageFacts } from './page-facts.ts'

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
}
const INDEX = 'index.html'
const FACTS = '<meta name="perfwatch" content="{}" />'

export type Page = {
  /** The document at `/`. */
  readonly index: (facts: PageFacts) => Response
  /** Its scripts, styles and pictures. */
  readonly routes: readonly Endpoint[]
}

/** Where the build has put the page: beside the bundle, or of a checkout that was built. */
export const builtPage = (): string | undefined => {
  let folder = dirname(fileURLToPath(import.meta.url))
  for (;;) {
    const candidates = [join(folder, 'web'), join(folder, 'dist', 'web')]
    // what was built has assets; the sources of the page have not
    const found = candidates.find((one) => existsSync(join(one, 'assets')))
    const above = dirname(folder)
    if (found !== undefined || above === folder || existsSync(join(folder, 'package.json')))
      return found
    folder = above
  }
}

type File = { readonly path: string; readonly send: (context: HttpContext) => Response }

/** Packed once: the files do not change while the server runs, and none is big. */
const sender = (bytes: Uint8Array<ArrayBuffer>, headers: Readonly<Record<string, string>>) => {
  const packed = new Uint8Array(gzipSync(bytes, { level: 9 }))
  return (context: HttpContext): Response => {
    const takesGzip = /\bgzip\b/.test(context.req.header('accept-encoding') ?? '')
    const own = { ...WEB_PAGE, ...headers, Vary: 'Accept, Accept-Encoding' }
    return takesGzip
      ? new Response(packed, { headers: { ...own, 'Content-Encoding': 'gzip' } })
      : new Response(bytes, { headers: own })
  }
}

const filesOf = (folder: string): readonly File[] =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name !== INDEX)
    .map((entry) => {
      const whole = join(entry.parentPath, entry.name)
      const path = whole.slice(folder.length).replaceAll('\\', '/')
      const type = TYPES[extname(entry.name)] ?? 'application/octet-stream'
      // the names of assets change with what they hold
      const lasting = path.startsWith('/assets/')
      const caching = lasting ? 'public, max-age=31536000, immutable' : 'public, max-age=3600'
      const send = sender(new Uint8Array(readFileSync(whole)), {
        'Content-Type': type,
        'Cache-Control': caching,
      })
      return { path, send }
    })

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;')

/** The page of the folder that the build has made. */
export const openPage = (folder: string): Page => {
  const html = readFileSync(join(folder, INDEX), 'utf8')
  if (!html.includes(FACTS)) throw new Error(`${INDEX} has no place for the facts of the server.`)
  const headers = {
    ...WEB_PAGE,
    'Content-Type': 'text/html; charset=utf-8',
    Vary: 'Accept, Cookie',
  }
  return {
    index: (facts) => {
      const content = escaped(JSON.stringify(facts))
      return new Response(
        html.replace(FACTS, () => FACTS.replace('{}', () => content)),
        { headers },
      )
    },
    routes: filesOf(folder).map(({ path, send }) =>
      endpoint({
        method: 'get',
        path,
        access: 'anyone',
        tag: 'Service',
        summary: 'A file of the page',
        answer: { status: 200, description: 'The file', media: ['*/*'] },
        handle: ({ context }) => send(context),
      }),
    ),
  }
}
