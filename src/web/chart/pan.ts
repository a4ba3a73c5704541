import { useEffect, useRef } from 'preact/hooks'
import { go } from '../place.ts'
import { freeRange, type Range } from '../range.ts'

/** The page is asked anew when the wheel has rested so long. */
const REST_MS = 120

/** A handler of the wheel that moves the range: by a sideways wheel, or with Shift. */
export const usePan = (range: Range): ((event: WheelEvent) => void) => {
  const shown = useRef(range)
  shown.current = range
  const moved = useRef(0)
  const rest = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  useEffect(() => () => clearTimeout(rest.current), [])
  return (event) => {
    const isSideways = event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)
    if (!isSideways) return
    event.preventDefault()
    const { currentTarget } = event
    const width = currentTarget instanceof HTMLElement ? currentTarget.clientWidth : 1000
    moved.current += (event.deltaX === 0 ? event.deltaY : event.deltaX) / width
    clearTimeout(rest.current)
    rest.current = setTimeout(() => {
      const { from, to } = shown.current
      const seconds = moved.current * (to - from)
      moved.current = 0
      go(freeRange(from + seconds, to + seconds), { replace: true })
    }, REST_MS)
  }
}
