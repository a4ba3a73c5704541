import { useEffect, useState } from 'preact/hooks'

/**
 * How many of several charts to draw: one more each frame, so that neither they nor the answer hold the page up. Once they are all
 * there they stay.
 */
export const useStaggered = (total: number): number => {
  const [count, setCount] = useState(0)
  useEffect(() => {
    if (count >= total) return
    const frame = requestAnimationFrame(() => setCount(count + 1))
    return () => cancelAnimationFrame(frame)
  }, [count, total])
  return Math.min(count, total)
}
