import { useLayoutEffect, useState } from 'preact/hooks'

/** One holds the page up for some 20 ms where the processor is slow; a frame of its own would cost as much again. */
const PER_FRAME = 3

/**
 * How many of several charts to draw: some more each frame, so that neither they nor the answer hold the page up. Once they are
 * all there they stay.
 */
export const useStaggered = (total: number): number => {
  const [count, setCount] = useState(0)
  // an effect after the paint would ask for a frame only in the next one, and all take twice as long
  useLayoutEffect(() => {
    if (count >= total) return
    const frame = requestAnimationFrame(() => setCount(count + PER_FRAME))
    return () => cancelAnimationFrame(frame)
  }, [count, total])
  return Math.min(count, total)
}
