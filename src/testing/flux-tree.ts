import { parse } from '@influxdata/flux-lsp-node'

/** What a script means: its syntax tree without places, and the texts that stand in it, in their order. */
export const fluxTree = (script: string): { shape: string; texts: readonly string[] } => {
  const texts: string[] = []
  const shape = JSON.stringify(parse(script), (key, value: unknown) => {
    if (key === 'location' || key === 'metadata') return undefined
    if (isTextLiteral(value)) {
      texts.push(value.value)
      return 'a text'
    }
    return value
  })
  return { shape, texts }
}

const isTextLiteral = (value: unknown): value is { value: string } =>
  typeof value === 'object' && value !== null && 'type' in value && value.type === 'StringLiteral'
