import type { ComponentChildren } from 'preact'
import { go } from '../place.ts'

type Props = {
  readonly href: string
  readonly class?: string
  readonly children: ComponentChildren
  readonly isCurrent?: boolean
}

/** A link within the page: it goes there without loading anything, and opens elsewhere as any other. */
export const Link = ({ href, isCurrent, children, ...rest }: Props) => (
  <a
    {...rest}
    href={href}
    {...(isCurrent === true && { 'aria-current': 'page' as const })}
    onClick={(event) => {
      const isOwn = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey
      if (!isOwn || event.altKey) return
      event.preventDefault()
      go(Object.fromEntries(new URL(href, location.href).searchParams), { fresh: true })
    }}
  >
    {children}
  </a>
)
