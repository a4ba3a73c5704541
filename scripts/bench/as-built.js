// Runs the sources as the bundle has them: esbuild's plain output. tsx keeps the name of every closure with a
// call at each creation, which costs hot paths a quarter and is not in the product.
import { readFile } from 'node:fs/promises'
import { register } from 'node:module'
import { isMainThread } from 'node:worker_threads'
import { fileURLToPath } from 'node:url'
import { transform } from 'esbuild'

if (isMainThread) register(import.meta.url)

export const load = async (url, context, nextLoad) => {
  if (!url.endsWith('.ts')) return nextLoad(url, context)
  const file = fileURLToPath(url)
  const { code } = await transform(await readFile(file, 'utf8'), {
    format: 'esm',
    loader: 'ts',
    sourcefile: file,
    sourcemap: 'inline',
    target: 'node20.19',
  })
  return { format: 'module', shortCircuit: true, source: code }
}
