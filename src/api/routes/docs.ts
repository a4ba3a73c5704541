import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { endpoint, type Endpoint } from '../endpoint.ts'
import { DOCS_PAGE } from '../../http/security-headers.ts'

const tag = 'Service'

/** The files of Swagger UI that its page needs, as they lie in the package. */
const FILES = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'favicon-32x32.png': 'image/png',
} as const

/** The page finds everything beside itself, so that it works under any BASE_PATH. */
const page = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>PerfWatch API</title>
    <link rel="stylesheet" href="docs/swagger-ui.css">
    <link rel="icon" type="image/png" href="docs/favicon-32x32.png">
  </head>
  <body>
    <noscript>This page needs scripts. The same as data: <a href="openapi.json">openapi.json</a></noscript>
    <div id="swagger-ui"></div>
    <script src="docs/swagger-ui-bundle.js"></script>
    <script src="docs/start.js"></script>
  </body>
</html>
`

const start = `SwaggerUIBundle({
  url: 'openapi.json',
  dom_id: '#swagger-ui',
  deepLinking: true,
  validatorUrl: null,
})
`

/** The package's folder; looked up when it is first asked for, so that a server starts without it too. */
const packageFolder = (): string =>
  dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'))

const send = (body: string | Uint8Array<ArrayBuffer>, type: string): Response =>
  new Response(body, {
    headers: { ...DOCS_PAGE, 'Content-Type': type, 'Cache-Control': 'public, max-age=3600' },
  })

/** `/openapi.json`, and a page to read and try it, from this server alone. */
export const docsRoutes = (openApi: () => object): readonly Endpoint[] => {
  // made once: the routes do not change while the server runs
  let document: string | undefined
  return [
    endpoint({
      method: 'get',
      path: '/openapi.json',
      access: 'anyone',
      tag,
      summary: 'This document',
      answer: { status: 200, description: 'OpenAPI 3.1', media: ['application/json'] },
      handle() {
        document ??= JSON.stringify(openApi())
        return new Response(document, { headers: { 'Content-Type': 'application/json' } })
      },
    }),
    asset('/docs', 'A page to read and try the API', () => send(page, 'text/html; charset=utf-8')),
    asset('/docs/start.js', 'Starts the page', () => send(start, 'text/javascript; charset=utf-8')),
    ...Object.entries(FILES).map(([name, type]) =>
      asset(`/docs/${name}`, 'A file of Swagger UI', async () =>
        send(new Uint8Array(await readFile(join(packageFolder(), name))), type),
      ),
    ),
  ]
}

const asset = (
  path: string,
  summary: string,
  handle: () => Response | Promise<Response>,
): Endpoint =>
  endpoint({
    method: 'get',
    path,
    access: 'anyone',
    tag,
    summary,
    answer: { status: 200, description: 'The file', media: ['*/*'] },
    handle,
  })
