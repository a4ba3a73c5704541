import { useEffect, useState } from 'preact/hooks'

/**
 * Where one is: the query of the page's address, so that a link shows the same and the buttons of the browser work.
 * The path stays: the page works under any BASE_PATH.
 */
export type Place = URLSearchParams

/** What changes; null takes it out. */
export type Changes = Readonly<Record<string, string | number | null | undefined>>

const listeners = new Set<() => void>()

const here = (): Place => new URLSearchParams(location.search)

const tell = (): void => {
  for (const listener of listeners) listener()
}
addEventListener('popstate', tell)

/** The address of a place: that of now with the changes, or with nothing but them. */
export const hrefOf = (changes: Changes, { fresh = false } = {}): string => {
  const place = fresh ? new URLSearchParams() : here()
  for (const [name, value] of Object.entries(changes))
    if (value === null || value === undefined || value === '') place.delete(name)
    else place.set(name, String(value))
  const query = place.toString()
  return query === '' ? location.pathname : `?${query}`
}

/** What a step of the browser's history remembers. */
type Mark = 'zoomed'

/** Goes there; `replace` leaves no step to come back to. */
export const go = (
  changes: Changes,
  options: { fresh?: boolean; replace?: boolean; mark?: Mark } = {},
): void => {
  const href = hrefOf(changes, options)
  if (options.replace === true) history.replaceState(history.state, '', href)
  else history.pushState(options.mark ?? null, '', href)
  tell()
}

/** Back to where the step with this mark was taken; false: the step before was another. */
export const goBackFrom = (mark: Mark): boolean => {
  if (history.state !== mark) return false
  history.back()
  return true
}

/** The place, now and whenever it changes. */
export const usePlace = (): Place => {
  const [place, setPlace] = useState(here)
  useEffect(() => {
    const listener = () => setPlace(here())
    listeners.add(listener)
    return () => {
      listeners.delete(listener)
    }
  }, [])
  return place
}
